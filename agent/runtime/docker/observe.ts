// What the Engine says of a container, as the contract words it. Pure. Identity lives in labels (upstream's names for
// pod and container), so a new agent finds everything that an earlier one started.
import type { ContainerIdentity, ContainerResources, ObservedContainer } from '../container-runtime.ts';
import type { ContainerInspection } from './engine.ts';

/** Marks what is ours: `sandbox` or `container`. */
export const kindLabel = 'pilothouse.io/kind';
const labels = {
  podUid: 'io.kubernetes.pod.uid',
  podName: 'io.kubernetes.pod.name',
  podNamespace: 'io.kubernetes.pod.namespace',
  containerName: 'io.kubernetes.container.name',
  attempt: 'pilothouse.io/attempt',
} as const satisfies Record<keyof ContainerIdentity, string>;
const annotationPrefix = 'annotation.';

/** Exit code of a container whose command could not be run, as containerd gives it. */
export const startErrorExitCode = 128;

/** The labels that `observe` reads back. */
export function labelsOf(
  kind: ObservedContainer['kind'],
  identity: ContainerIdentity,
  annotations: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    [kindLabel]: kind,
    [labels.podUid]: identity.podUid,
    [labels.podName]: identity.podName,
    [labels.podNamespace]: identity.podNamespace,
    [labels.containerName]: kind === 'sandbox' ? 'POD' : identity.containerName,
    [labels.attempt]: String(identity.attempt),
    ...Object.fromEntries(Object.entries(annotations).map(([key, value]) => [annotationPrefix + key, value])),
  };
}

/** The container's name on the machine: unique per attempt, so that no attempt can ever run twice. */
export function engineNameOf(kind: ObservedContainer['kind'], identity: ContainerIdentity): string {
  const container = kind === 'sandbox' ? 'POD' : identity.containerName;
  return `k8s_${container}_${identity.podName}_${identity.podNamespace}_${identity.podUid}_${identity.attempt}`;
}

/** The pod that an event's labels name. */
export function podUidOf(engineLabels: Readonly<Record<string, string>>): string | undefined {
  return engineLabels[labels.podUid];
}

export function observedFrom(inspection: ContainerInspection): ObservedContainer {
  const found = inspection.Config.Labels;
  const kind = found[kindLabel] === 'sandbox' ? 'sandbox' : 'container';
  const { State: state } = inspection;
  const failedToStart = state.Status === 'created' && state.Error !== '';
  const startedAtMs = timeMs(state.StartedAt);
  const finishedAtMs = failedToStart ? timeMs(inspection.Created) : timeMs(state.FinishedAt);
  return {
    id: inspection.Id,
    kind,
    podUid: found[labels.podUid] ?? '',
    podName: found[labels.podName] ?? '',
    podNamespace: found[labels.podNamespace] ?? '',
    containerName: kind === 'sandbox' ? '' : (found[labels.containerName] ?? ''),
    attempt: Number(found[labels.attempt] ?? 0),
    state: failedToStart ? 'exited' : stateOf(state.Status),
    pid: state.Pid,
    createdAtMs: timeMs(inspection.Created) ?? 0,
    ...(startedAtMs !== undefined && { startedAtMs }),
    ...(finishedAtMs !== undefined && { finishedAtMs }),
    ...(state.Status !== 'running' && { exitCode: failedToStart ? startErrorExitCode : state.ExitCode }),
    oomKilled: state.OOMKilled,
    ...(state.Error !== '' && { error: state.Error }),
    image: inspection.Config.Image,
    imageId: inspection.Image,
    annotations: annotationsOf(found),
    ...(inspection.LogPath !== undefined && inspection.LogPath !== '' && { logPath: inspection.LogPath }),
    resources: limitsOf(inspection.HostConfig),
    ...writableOf(inspection),
    ...imageVolumesOf(inspection),
    hostNetwork: inspection.HostConfig.NetworkMode === 'host',
  };
}

/** The Engine writes 0 (and -1 or null) for "no limit". */
function limitsOf(host: ContainerInspection['HostConfig']): ContainerResources {
  const limit = (value: number | null | undefined): number | undefined =>
    typeof value === 'number' && value > 0 ? value : undefined;
  const limits = {
    cpuShares: limit(host.CpuShares),
    cpuQuotaMicros: limit(host.CpuQuota),
    cpuPeriodMicros: limit(host.CpuPeriod),
    memoryBytes: limit(host.Memory),
    pidsLimit: limit(host.PidsLimit),
  };
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}

function writableOf({ GraphDriver: driver }: ContainerInspection): Pick<ObservedContainer, 'writablePath'> {
  const path = (driver as { Data?: { UpperDir?: string } | null } | undefined)?.Data?.UpperDir;
  return path === undefined ? {} : { writablePath: path };
}

function imageVolumesOf({ Mounts: mounts }: ContainerInspection): Pick<ObservedContainer, 'imageVolumePaths'> {
  const paths = (mounts ?? []).filter(({ Type }) => Type === 'volume').map(({ Source }) => Source);
  return paths.length === 0 ? {} : { imageVolumePaths: paths };
}

function stateOf(status: string): ObservedContainer['state'] {
  if (status === 'running' || status === 'paused' || status === 'restarting') return 'running';
  return status === 'created' ? 'created' : 'exited';
}

function annotationsOf(found: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(found).filter(([key]) => key.startsWith(annotationPrefix));
  return Object.fromEntries(entries.map(([key, value]) => [key.slice(annotationPrefix.length), value]));
}

/** The Engine writes year 1 for "never". */
function timeMs(text: string): number | undefined {
  const ms = Date.parse(text);
  return Number.isNaN(ms) || ms <= 0 ? undefined : ms;
}
