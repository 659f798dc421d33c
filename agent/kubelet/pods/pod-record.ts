// What the kubelet remembers of one pod between two looks at it. Everything here can be lost: a new agent finds it again
// in the API, in the runtime and on disk.
import type { Pod, PodStatus } from '../../../api/kinds/core/index.ts';
import type { Allocation } from '../admission/allocation.ts';
import type { PodVerdict } from '../plan/pod-status.ts';
import type { ResizeState } from '../plan/plan-resize.ts';
import type { Waiting } from '../plan/container-status.ts';

export interface PodRecord {
  readonly uid: string;
  /** As the API last showed it. */
  pod: Readonly<Pod>;
  /** No longer in the API. */
  isGone: boolean;
  /** Nothing of it is left on the machine, and the API was asked to forget it. */
  isTerminated: boolean;
  /** Was already running when this agent started. */
  readonly isAdopted: boolean;
  podIps: readonly string[];
  readonly firstSeenMs: number;
  /** The last status that was computed. */
  status?: PodStatus;
  /** Why containers could not be started. */
  readonly startErrors: Map<string, Waiting>;
  /** Termination messages by container id. */
  readonly messages: Map<string, string>;
  /** Containers whose preStop hook has run. */
  readonly preStopped: Set<string>;
  /** What the pod was given to run with; undefined until it is admitted. */
  allocation?: Allocation;
  /** Where a change of its resources stands. */
  resize?: ResizeState;
  /** The last limits that each container was asked to run under. */
  readonly resized: Map<string, string>;
  /** Back-offs already told, by container name: until when. */
  readonly toldBackoff: Map<string, number>;
  /** The kubelet's own reason to end the pod. */
  verdict?: PodVerdict;
  /** Cuts short what is being done for it. */
  interrupt?: AbortController;
}

export function createPodRecord(pod: Readonly<Pod>, nowMs: number, isAdopted: boolean): PodRecord {
  return {
    uid: pod.metadata.uid,
    pod,
    isGone: false,
    isTerminated: false,
    isAdopted,
    podIps: [],
    firstSeenMs: nowMs,
    startErrors: new Map(),
    messages: new Map(),
    preStopped: new Set(),
    resized: new Map(),
    toldBackoff: new Map(),
  };
}

/** The pod with the status that this kubelet knows best: its own last one, with conditions that others set. */
export function podWithStatus(record: PodRecord): Readonly<Pod> {
  const { pod, status } = record;
  if (status === undefined) return pod;
  const own = new Set((status.conditions ?? []).map(({ type }) => type));
  const foreign = (pod.status?.conditions ?? []).filter(({ type }) => !own.has(type) || !ownedConditions.has(type));
  const kept = (status.conditions ?? []).filter(({ type }) => ownedConditions.has(type));
  return {
    ...pod,
    status: { ...status, conditions: [...kept, ...foreign.filter(({ type }) => !ownedConditions.has(type))] },
  };
}

/** Conditions that the kubelet alone decides. */
export const ownedConditions: ReadonlySet<string> = new Set([
  'PodReadyToStartContainers',
  'Initialized',
  'Ready',
  'ContainersReady',
  'PodScheduled',
]);
