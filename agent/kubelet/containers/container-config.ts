// Everything the runtime must know to make one container, from the pod's spec and what was prepared for it. Writes no
// files but the container's empty termination message.
import { mkdir, open } from 'node:fs/promises';
import { dirname, normalize } from 'node:path';
import type { Container, EphemeralContainer, Pod } from '../../../api/kinds/core/index.ts';
import type { ContainerConfig, Mount, RuntimeImage } from '../../runtime/container-runtime.ts';
import type { PreparedVolume } from '../../volumes/pod-volumes.ts';
import { resolveSubPath } from '../../volumes/sub-path.ts';
import { noteKeys } from '../plan/pod-view.ts';
import type { StartAction } from '../plan/plan-pod.ts';
import type { PodPaths } from '../pods/pod-paths.ts';
import { refuseEnvironment } from './environment-size.ts';
import { ConfigurationError, environmentOf } from './environment.ts';
import type { EnvironmentFacts } from './environment.ts';
import { expand } from './expand.ts';
import { containerResources } from './resources.ts';
import type { ResourceFacts } from './resources.ts';
import { containerSecurity } from './security.ts';
import type { SecurityFacts } from './security.ts';

export interface ConfigFacts {
  readonly sandboxId: string;
  readonly image: RuntimeImage;
  readonly paths: PodPaths;
  readonly volumes: ReadonlyMap<string, PreparedVolume>;
  readonly environment: EnvironmentFacts;
  readonly resources: ResourceFacts;
  readonly security: Omit<SecurityFacts, 'imageUser' | 'volumeGroups'>;
  readonly log: ContainerConfig['log'];
  readonly cgroupParent?: string;
  /** Of the pod's RuntimeClass. */
  readonly handler?: string;
  /** This node can make mounts recursively read-only. */
  readonly recursiveReadOnly: boolean;
  /** The container whose processes an ephemeral container joins. */
  readonly targetContainerId?: string;
}

const usualMessagePath = '/dev/termination-log';

export async function containerConfig(
  pod: Readonly<Pod>,
  { container, attempt }: StartAction,
  facts: ConfigFacts,
): Promise<ContainerConfig> {
  const { paths, volumes } = facts;
  refuseVolumes(container, facts.image);
  const variables = await environmentOf(pod, container, facts.environment);
  const environment = [...variables].map(([name, value]) => `${name}=${value}`);
  refuseEnvironment(container.name, facts.image.environment ?? [], environment);
  const lookUp = (name: string): string | undefined => variables.get(name);
  const expandAll = (words: readonly string[]): string[] => words.map((word) => expand(word, lookUp));
  const message = await makeMessageFile(paths, container, attempt);
  const { command = [], args = [], workingDir } = container;
  const groups = (container.volumeMounts ?? []).flatMap(({ name }) => volumes.get(name)?.groups ?? []);
  const security = { ...facts.security, imageUser: facts.image.user, volumeGroups: groups };
  return {
    podUid: pod.metadata.uid,
    podName: pod.metadata.name,
    podNamespace: pod.metadata.namespace ?? 'default',
    containerName: container.name,
    attempt,
    sandboxId: facts.sandboxId,
    image: facts.image.id,
    ...(command.length > 0 && { command: expandAll(command) }),
    ...(args.length > 0 && { args: expandAll(args) }),
    ...(workingDir !== undefined && workingDir !== '' && { workingDir }),
    environment,
    mounts: [
      ...(await volumeMounts(container, facts, lookUp)),
      ...nameMounts(pod, container, paths),
      { source: message, target: container.terminationMessagePath ?? usualMessagePath, readOnly: false },
    ],
    devices: [],
    security: containerSecurity(pod, container, security),
    resources: containerResources(pod, container, facts.resources),
    stdin: container.stdin ?? false,
    stdinOnce: container.stdinOnce ?? false,
    tty: container.tty ?? false,
    ...(container.lifecycle?.stopSignal !== undefined && { stopSignal: container.lifecycle.stopSignal }),
    hostPid: pod.spec.hostPID ?? false,
    hostIpc: pod.spec.hostIPC ?? false,
    hostNetwork: pod.spec.hostNetwork ?? false,
    shareProcesses: pod.spec.shareProcessNamespace ?? false,
    ...(facts.targetContainerId !== undefined && { targetContainerId: facts.targetContainerId }),
    ...(facts.handler !== undefined && { handler: facts.handler }),
    ...(facts.cgroupParent !== undefined && { cgroupParent: facts.cgroupParent }),
    log: facts.log,
    annotations: {
      [noteKeys.sandbox]: facts.sandboxId,
      [noteKeys.image]: container.image ?? '',
      [noteKeys.messagePath]: message,
      [noteKeys.graceSeconds]: String(pod.spec.terminationGracePeriodSeconds ?? 30),
    },
  };
}

/** What the Engine would try, and fail at in words that help nobody. */
function refuseVolumes({ image = '' }: Container | EphemeralContainer, { volumes = [] }: RuntimeImage): void {
  if (volumes.some((path) => normalize(`/${path}`) === '/'))
    throw new ConfigurationError(`image "${image}" declares a volume over "/", which no container can have`);
}

async function makeMessageFile(
  paths: PodPaths,
  container: Container | EphemeralContainer,
  attempt: number,
): Promise<string> {
  const path = paths.terminationMessage(container.name, attempt);
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'w', 0o666);
  await file.chmod(0o666);
  await file.close();
  return path;
}

async function volumeMounts(
  container: Container | EphemeralContainer,
  { volumes, paths, recursiveReadOnly }: ConfigFacts,
  lookUp: (name: string) => string | undefined,
): Promise<Mount[]> {
  const mounts: Mount[] = [];
  for (const [index, mount] of (container.volumeMounts ?? []).entries()) {
    const volume = volumes.get(mount.name);
    if (volume === undefined)
      throw new ConfigurationError(`cannot find volume "${mount.name}" to mount into container "${container.name}"`);
    const subPath = mount.subPathExpr === undefined ? mount.subPath : expandSubPath(mount.subPathExpr, lookUp);
    const source =
      subPath === undefined || subPath === ''
        ? volume.path
        : await resolveSubPath(volume.path, subPath, `${paths.subPaths}/${container.name}/${index}`, !volume.readOnly);
    const propagation = propagations[mount.mountPropagation ?? 'None'];
    const readOnly = mount.readOnly === true || volume.readOnly;
    const recursive = isRecursive(mount.recursiveReadOnly, recursiveReadOnly);
    mounts.push({ source, target: mount.mountPath, readOnly, recursive, propagation });
  }
  return mounts;
}

/** `Enabled` is a demand, `IfPossible` a wish. */
export function isRecursive(wanted: string | undefined, isPossible: boolean): boolean {
  if (wanted === 'Enabled' && !isPossible)
    throw new ConfigurationError('recursiveReadOnly: Enabled needs Docker Engine 25 or later and Linux 5.12 or later');
  return isPossible && (wanted === 'Enabled' || wanted === 'IfPossible');
}

const propagations = { None: 'rprivate', HostToContainer: 'rslave', Bidirectional: 'rshared' } as const;

function expandSubPath(expression: string, lookUp: (name: string) => string | undefined): string {
  return expand(expression, (name) => {
    const value = lookUp(name);
    if (value === undefined) throw new ConfigurationError(`subPathExpr ${expression}: variable ${name} is not set`);
    return value;
  });
}

/** The files of names, unless the container mounts its own over them. */
function nameMounts(pod: Readonly<Pod>, container: Container | EphemeralContainer, paths: PodPaths): Mount[] {
  const targets: [string, string][] = [
    ['/etc/hosts', paths.hosts],
    ['/etc/resolv.conf', paths.resolvConf],
    ...(pod.spec.hostNetwork === true ? [] : ([['/etc/hostname', paths.hostname]] as [string, string][])),
  ];
  const taken = new Set((container.volumeMounts ?? []).map(({ mountPath }) => mountPath));
  return targets
    .filter(([target]) => !taken.has(target))
    .map(([target, source]) => ({ source, target, readOnly: false }));
}
