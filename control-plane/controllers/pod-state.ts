// What a pod's status says, in the words that workload controllers use.
import type { Pod } from '../../api/kinds/core/index.ts';
import { conditionOf } from './conditions.ts';

/** Whether the pod has ended, well or not. */
export function isFinished(pod: Readonly<Pod>): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** Whether the pod counts as a replica: neither finished nor on its way out. */
export function isActive(pod: Readonly<Pod>): boolean {
  return !isFinished(pod) && pod.metadata.deletionTimestamp === undefined;
}

export function isReady(pod: Readonly<Pod>): boolean {
  return conditionOf(pod.status?.conditions, 'Ready')?.status === 'True';
}

/** When the pod became ready, if it is; the epoch when it does not say. */
export function readySinceMs(pod: Readonly<Pod>): number | undefined {
  const ready = conditionOf(pod.status?.conditions, 'Ready');
  if (ready?.status !== 'True') return undefined;
  return ready.lastTransitionTime ? Date.parse(ready.lastTransitionTime) : 0;
}

/** Whether the pod has been ready for as long as `minReadySeconds` asks. */
export function isAvailable(pod: Readonly<Pod>, minReadySeconds: number, nowMs: number): boolean {
  const sinceMs = readySinceMs(pod);
  if (sinceMs === undefined) return false;
  return minReadySeconds === 0 || (sinceMs > 0 && sinceMs + minReadySeconds * 1000 <= nowMs);
}

/** When the next ready pod becomes available, if one is still waiting. */
export function nextAvailableMs(
  pods: readonly Readonly<Pod>[],
  minReadySeconds: number,
  nowMs: number,
): number | undefined {
  if (minReadySeconds === 0) return undefined;
  let nextMs: number | undefined;
  for (const pod of pods) {
    const sinceMs = readySinceMs(pod);
    if (sinceMs === undefined) continue;
    const atMs = sinceMs + minReadySeconds * 1000;
    if (atMs > nowMs && (nextMs === undefined || atMs < nextMs)) nextMs = atMs;
  }
  return nextMs;
}

/** The restarts of the container that restarted most. */
export function mostRestarts(pod: Readonly<Pod>): number {
  let most = 0;
  for (const container of pod.status?.containerStatuses ?? []) most = Math.max(most, container.restartCount ?? 0);
  return most;
}
