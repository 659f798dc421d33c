// Starts a pod's sandbox and containers with as few round trips as can be: containers are created while the sandbox
// starts, when nothing in them depends on its address. What fails becomes the container's waiting reason and an event.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import type { Container, EphemeralContainer, Pod } from '../../../api/kinds/core/index.ts';
import type { ObservedContainer, RuntimeImage } from '../../runtime/container-runtime.ts';
import type { PreparedVolume } from '../../volumes/pod-volumes.ts';
import type { SourceFacts } from '../../volumes/sources.ts';
import { isStatic } from '../admission/plan-admission.ts';
import { allocatedPod } from '../admission/admit-pod.ts';
import { containerConfig } from '../containers/container-config.ts';
import { ConfigurationError } from '../containers/environment.ts';
import { hostNetworkHostsFile, hostsFile, podHostname, resolvConf } from '../containers/name-files.ts';
import { needsPodIp } from '../containers/pod-fields.ts';
import type { PodFieldFacts } from '../containers/pod-fields.ts';
import { serviceEnvironment, servicesFor } from '../containers/service-environment.ts';
import { ImageError } from '../images/image-puller.ts';
import { credentialsFor } from '../images/credentials.ts';
import { fieldPathOf } from '../parts.ts';
import type { KubeletParts } from '../parts.ts';
import type { StartAction } from '../plan/plan-pod.ts';
import { noteKeys, viewPod } from '../plan/pod-view.ts';
import { runHook } from './lifecycle-hooks.ts';
import { podPaths } from './pod-paths.ts';
import type { PodRecord } from './pod-record.ts';
import { resourceFacts } from './resize-pod.ts';
import { stopContainer } from './stop-pod.ts';

const configurationRetryMs = 10_000;
const startRetryMs = 1_000;
const hookTimeoutMs = 24 * 3600 * 1000;

/** A sandbox that exists; `ready` resolves when it runs and has its network. */
export interface SandboxHandle {
  readonly id: string;
  readonly ready: Promise<void>;
}

/** Creates and starts a sandbox. The caller awaits `ready`. */
export async function createSandbox(parts: KubeletParts, record: PodRecord, attempt: number): Promise<SandboxHandle> {
  const { pod } = record;
  const { runtime, node } = parts;
  // Sooner not at all than with fewer walls than it asked for.
  if (pod.spec.hostUsers === false)
    throw new ConfigurationError('Docker Engine has no user namespaces for single pods (hostUsers: false)');
  const handler = await handlerOf(parts, record);
  await writeNameFiles(parts, record);
  const cgroupParent = await parts.cgroups.ensure(allocatedPod(record));
  const id = await runtime.createSandbox({
    podUid: record.uid,
    podName: pod.metadata.name,
    podNamespace: pod.metadata.namespace ?? 'default',
    containerName: '',
    attempt,
    hostname: podHostname(pod, node.clusterDomain).hostname,
    hostNetwork: pod.spec.hostNetwork ?? false,
    hostPid: pod.spec.hostPID ?? false,
    hostIpc: pod.spec.hostIPC ?? false,
    shareProcesses: pod.spec.shareProcessNamespace ?? false,
    sysctls: Object.fromEntries((pod.spec.securityContext?.sysctls ?? []).map(({ name, value }) => [name, value])),
    ...(handler !== undefined && { handler }),
    ...(cgroupParent !== undefined && { cgroupParent }),
    annotations: { [noteKeys.graceSeconds]: String(pod.spec.terminationGracePeriodSeconds ?? 30) },
  });
  const ready = runtime.start(id).then(() => connectSandbox(parts, record, id));
  ready.catch(() => undefined); // the caller awaits it too; it may be late
  return { id, ready };
}

/** What the pod's RuntimeClass names; undefined for the runtime's usual handler. */
async function handlerOf({ objects }: KubeletParts, { pod }: PodRecord): Promise<string | undefined> {
  const { runtimeClassName } = pod.spec;
  if (runtimeClassName === undefined) return undefined;
  const found = await objects.runtimeClass(runtimeClassName);
  if (found === undefined) throw new ConfigurationError(`RuntimeClass "${runtimeClassName}" not found`);
  return found.handler === '' ? undefined : found.handler;
}

/** Gives a running sandbox its address, also one that an earlier agent left without. */
export async function connectSandbox(
  parts: KubeletParts,
  record: PodRecord,
  id: string,
  known?: ObservedContainer,
): Promise<void> {
  const { pod } = record;
  const observed = known ?? (await parts.observations.refresh(id));
  if (pod.spec.hostNetwork === true) {
    record.podIps = parts.node.hostIps;
    return;
  }
  if (observed === undefined || observed.pid === 0) throw new Error('the sandbox ended right after its start');
  const place = { uid: record.uid, namespace: pod.metadata.namespace ?? 'default', name: pod.metadata.name };
  record.podIps = (await parts.network.attach(place, observed.pid)).podIps;
  await writeNameFiles(parts, record);
}

async function writeNameFiles({ node }: KubeletParts, { pod, uid, podIps }: PodRecord): Promise<void> {
  const paths = podPaths(node.dataDir, uid);
  await mkdir(paths.root, { recursive: true, mode: 0o755 });
  const hosts =
    pod.spec.hostNetwork === true
      ? hostNetworkHostsFile(pod, await readFile('/etc/hosts', 'utf8'))
      : hostsFile(pod, podIps, node.clusterDomain);
  const hostResolvConf = await readFile('/etc/resolv.conf', 'utf8').catch(() => '');
  // Written in place: containers have these very files mounted.
  await Promise.all([
    writeFile(paths.hosts, hosts),
    writeFile(paths.resolvConf, resolvConf(pod, { ...node, hostResolvConf })),
    writeFile(paths.hostname, `${podHostname(pod, node.clusterDomain).hostname}\n`),
  ]);
}

/** Whether a container can be made before the sandbox has its address. */
export function canOverlap(container: Container | EphemeralContainer): boolean {
  return !(container.env ?? []).some(({ valueFrom }) => needsPodIp(valueFrom?.fieldRef?.fieldPath));
}

export interface StartContext {
  readonly sandbox: SandboxHandle;
  readonly volumes: ReadonlyMap<string, PreparedVolume>;
  /** The image, when it is known to be here. */
  readonly image?: RuntimeImage;
  readonly signal: AbortSignal;
}

/** Starts one container. Answers after how long to try again when that failed; rejects only when it was interrupted. */
export async function startContainer(
  parts: KubeletParts,
  record: PodRecord,
  action: StartAction,
  context: StartContext,
): Promise<{ retryAfterMs: number } | undefined> {
  const { pod } = record;
  const { name } = action.container;
  const event = (type: 'Normal' | 'Warning', reason: string, message: string): void =>
    parts.record(pod, type, reason, message, fieldPathOf(pod, name));
  const failed = (reason: string, error: unknown, retryAfterMs: number): { retryAfterMs: number } => {
    const message = error instanceof Error ? error.message : String(error);
    record.startErrors.set(name, { reason, message });
    if (reason !== 'ImagePullBackOff')
      event('Warning', 'Failed', `Error: ${reason === 'ErrImagePull' ? reason : message}`);
    return { retryAfterMs };
  };

  let image = context.image;
  try {
    if (image === undefined) image = await ensureImage(parts, record, action.container, event, context.signal);
    else event('Normal', 'Pulled', `Container image "${action.container.image}" already present on machine`);
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof ImageError) return failed(error.reason, error, error.retryAfterMs);
    return failed('ImageInspectError', error, startRetryMs);
  }
  const create = async (known: RuntimeImage): Promise<{ retryAfterMs: number } | undefined> => {
    let id: string;
    try {
      id = await createContainer(parts, record, action, known, context);
      event('Normal', 'Created', `Container created`);
    } catch (error) {
      const isConfiguration = error instanceof ConfigurationError;
      return failed(
        isConfiguration ? 'CreateContainerConfigError' : 'CreateContainerError',
        error,
        configurationRetryMs,
      );
    }
    try {
      await context.sandbox.ready;
    } catch (error) {
      await parts.runtime.remove(id);
      throw error;
    }
    if (action.previousFinishedAtMs !== undefined) {
      parts.backoff.restarted(`${record.uid}/${name}`, action.previousFinishedAtMs, parts.clock.now());
    }
    try {
      await parts.runtime.start(id);
    } catch (error) {
      await parts.observations.refresh(id);
      return failed('RunContainerError', error, startRetryMs);
    }
    record.startErrors.delete(name);
    event('Normal', 'Started', `Container started`);
    await parts.observations.refresh(id);
    await runPostStart(parts, record, action, id, context.signal);
    return undefined;
  };
  return create(image);
}

/** Everything that volumes of the pod are made from. */
export function volumeFacts(parts: KubeletParts, record: PodRecord, signal: AbortSignal): SourceFacts {
  const { objects, tokens, runtime } = parts;
  return {
    objects,
    tokens,
    fields: fieldFacts(parts, record),
    images: runtime.images,
    async image({ reference, pullPolicy }) {
      const container = { name: '', image: reference, imagePullPolicy: pullPolicy };
      const event: Parameters<typeof ensureImage>[3] = (...words) => parts.record(record.pod, ...words);
      return (await ensureImage(parts, record, container, event, signal)).id;
    },
  };
}

function ensureImage(
  parts: KubeletParts,
  record: PodRecord,
  container: StartAction['container'],
  onEvent: (type: 'Normal' | 'Warning', reason: string, message: string) => void,
  signal: AbortSignal,
): Promise<RuntimeImage> {
  const { pod } = record;
  const namespace = pod.metadata.namespace ?? 'default';
  const credentials = async (): Promise<ReturnType<typeof credentialsFor>> => {
    const names = (pod.spec.imagePullSecrets ?? []).flatMap(({ name }) => (name === undefined ? [] : [name]));
    const found = await Promise.all(names.map((name) => parts.objects.secret(namespace, name)));
    return credentialsFor(
      container.image ?? '',
      found.filter((secret) => secret !== undefined),
    );
  };
  return parts.puller.ensure({ container, key: `${record.uid}/${container.image}`, credentials, onEvent, signal });
}

async function createContainer(
  parts: KubeletParts,
  record: PodRecord,
  action: StartAction,
  image: RuntimeImage,
  { sandbox, volumes }: StartContext,
): Promise<string> {
  const { node } = parts;
  const pod = allocatedPod(record);
  const services = servicesFor(
    await parts.services(!isStatic(pod)),
    pod.metadata.namespace ?? 'default',
    pod.spec.enableServiceLinks ?? true,
  );
  const target = 'targetContainerName' in action.container ? action.container.targetContainerName : undefined;
  const view = viewPod(parts.observations.of(record.uid));
  const targetContainerId = target === undefined ? undefined : view.attempts.get(target)?.[0]?.id;
  const cgroupParent = parts.cgroups.parentOf(pod);
  const handler = await handlerOf(parts, record);
  const container = allocated(pod, action.container);
  const config = await containerConfig(
    pod,
    { ...action, container },
    {
      sandboxId: sandbox.id,
      image,
      paths: podPaths(node.dataDir, record.uid),
      volumes,
      environment: {
        fields: fieldFacts(parts, record),
        services: serviceEnvironment(services),
        objects: parts.objects,
      },
      resources: resourceFacts(parts),
      security: { seccompFolder: `${node.dataDir}/seccomp`, apparmor: node.apparmor },
      log: node.log,
      recursiveReadOnly: node.recursiveReadOnly,
      ...(targetContainerId !== undefined && { targetContainerId }),
      ...(handler !== undefined && { handler }),
      ...(cgroupParent !== undefined && { cgroupParent }),
    },
  );
  return parts.runtime.createContainer(config);
}

/** The container with the resources it was given; what was planned may have seen newer ones. */
function allocated(pod: Readonly<Pod>, container: StartAction['container']): StartAction['container'] {
  const given = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].find(
    ({ name }) => name === container.name,
  );
  return given === undefined ? container : { ...container, resources: given.resources };
}

/** What the pod may know of itself. */
export function fieldFacts({ node }: KubeletParts, { podIps }: PodRecord): PodFieldFacts {
  return { podIps, hostIps: node.hostIps, nodeName: node.name, allocatable: node.allocatable };
}

async function runPostStart(
  parts: KubeletParts,
  record: PodRecord,
  { container }: StartAction,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  const handler = container.lifecycle?.postStart;
  const observed = parts.observations.of(record.uid).find((one) => one.id === id);
  if (handler === undefined || observed === undefined) return;
  const { pod } = record;
  const target = {
    pod,
    container: container as Pod['spec']['containers'][number],
    containerId: id,
    podIp: record.podIps[0] ?? '',
  };
  const failure = await runHook(handler, target, parts, hookTimeoutMs, signal);
  signal.throwIfAborted();
  if (failure === undefined) return;
  parts.record(
    pod,
    'Warning',
    'FailedPostStartHook',
    `PostStartHook failed: ${failure}`,
    fieldPathOf(pod, container.name),
  );
  const graceSeconds = pod.spec.terminationGracePeriodSeconds ?? 30;
  await stopContainer(parts, record, observed, container, { graceSeconds, message: 'FailedPostStartHook', signal });
}
