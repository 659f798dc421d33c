// One container's status as the API shows it, from its attempts. Pure.
import type { Container, ContainerState, ContainerStatus, EphemeralContainer } from '../../../api/kinds/core/index.ts';
import { formatTime } from '../../../api/meta/time.ts';
import type { ObservedContainer } from '../../runtime/container-runtime.ts';
import { noteKeys } from './pod-view.ts';

/** Why a container does not run yet. */
export interface Waiting {
  readonly reason: string;
  readonly message?: string;
}

export interface ContainerFacts {
  readonly container: Container | EphemeralContainer;
  /** Newest first. */
  readonly attempts: readonly ObservedContainer[];
  /** Set when the next attempt is held up; it then comes before the exited state. */
  readonly waiting?: Waiting;
  /** For a container that never ran. */
  readonly initialWaiting: Waiting;
  readonly isReady: boolean;
  readonly hasStarted: boolean;
  /** This node can make mounts recursively read-only. */
  readonly recursiveReadOnly: boolean;
  readonly messageOf: (containerId: string) => string | undefined;
  /** The resources it runs by, where they are not (yet) those of the spec. */
  readonly settled?: ContainerStatus['resources'];
}

const runtimePrefix = 'docker://';
/** Exit codes above this say which signal ended the process. */
const signalBase = 128;
const highestSignal = 64;

/** The id as the API writes it. */
export function apiContainerId(id: string): string {
  return runtimePrefix + id;
}

/** The runtime's id in what the API writes. */
export function runtimeContainerId(apiId: string): string {
  return apiId.startsWith(runtimePrefix) ? apiId.slice(runtimePrefix.length) : apiId;
}

export function containerStatus(facts: ContainerFacts): ContainerStatus {
  const { container, attempts, waiting, messageOf } = facts;
  const [newest, previous] = attempts.filter(({ state }) => state !== 'created');
  const isRunning = newest?.state === 'running';
  const isHeldUp = !isRunning && waiting !== undefined;
  const state: ContainerState =
    newest === undefined
      ? { waiting: waiting ?? facts.initialWaiting }
      : isHeldUp
        ? { waiting }
        : stateOf(newest, messageOf);
  const last = isHeldUp ? newest : previous;
  return {
    name: container.name,
    image: newest?.annotations[noteKeys.image] ?? container.image ?? '',
    imageID: newest?.imageId ?? '',
    ready: facts.isReady,
    started: facts.hasStarted,
    restartCount: newest?.attempt ?? 0,
    state,
    lastState: last?.state === 'exited' ? stateOf(last, messageOf) : {},
    ...(newest !== undefined && { containerID: apiContainerId(newest.id) }),
    ...(newest !== undefined && container.resources !== undefined && resourcesOf(container, facts.settled)),
    ...volumeMountsOf(container, facts.recursiveReadOnly),
  };
}

export function stateOf(
  observed: ObservedContainer,
  messageOf: (containerId: string) => string | undefined,
): ContainerState {
  const startedAt = observed.startedAtMs === undefined ? undefined : formatTime(observed.startedAtMs);
  if (observed.state === 'running') return { running: { startedAt } };
  const exitCode = observed.exitCode ?? 0;
  const message = messageOf(observed.id) || observed.error;
  const signal = exitCode > signalBase && exitCode <= signalBase + highestSignal ? exitCode - signalBase : undefined;
  return {
    terminated: {
      exitCode,
      reason: terminationReason(observed),
      ...(signal !== undefined && { signal }),
      ...(message !== undefined && message !== '' && { message }),
      startedAt,
      finishedAt: formatTime(observed.finishedAtMs ?? observed.createdAtMs),
      containerID: apiContainerId(observed.id),
    },
  };
}

function terminationReason(observed: ObservedContainer): string {
  if (observed.oomKilled) return 'OOMKilled';
  if (observed.startedAtMs === undefined && observed.error !== undefined) return 'StartError';
  return observed.exitCode === 0 ? 'Completed' : 'Error';
}

function resourcesOf(
  container: Container,
  settled: ContainerStatus['resources'],
): Pick<ContainerStatus, 'resources' | 'allocatedResources'> {
  const { requests, limits } = container.resources ?? {};
  if (requests === undefined && limits === undefined) return {};
  return {
    resources: settled ?? { ...(limits !== undefined && { limits }), ...(requests !== undefined && { requests }) },
    ...(requests !== undefined && { allocatedResources: requests }),
  };
}

function volumeMountsOf(container: Container, canRecurse: boolean): Pick<ContainerStatus, 'volumeMounts'> {
  const mounts = container.volumeMounts ?? [];
  if (mounts.length === 0) return {};
  return {
    volumeMounts: mounts.map(({ name, mountPath, readOnly, recursiveReadOnly: wanted }) => ({
      name,
      mountPath,
      ...(readOnly === true && {
        readOnly,
        recursiveReadOnly: canRecurse && (wanted === 'Enabled' || wanted === 'IfPossible') ? 'Enabled' : 'Disabled',
      }),
    })),
  };
}
