// The next step of a StatefulSet: which pods to make or delete so that order, partition and limits hold. Pure.
// OrderedReady goes one pod at a time, upwards when making and downwards when deleting; Parallel does all at once;
// rolling updates always go downwards (upstream's updateStatefulSet).
import type { StatefulSet, StatefulSetStatus } from '../../../api/kinds/apps/index.ts';
import type { Pod } from '../../../api/kinds/core/index.ts';
import { scaledValue } from '../../../api/meta/int-or-string.ts';
import { isActive, isAvailable, isFinished, isReady, nextAvailableMs } from '../pod-state.ts';
import { revisionHashLabel } from '../revision-history.ts';
import { firstOrdinal, ordinalOf, ordinalsOf } from './identity.ts';

export interface StatefulSetPlan {
  /** Ordinals to make pods for, by which revision. */
  create: { ordinal: number; revision: 'current' | 'update' }[];
  delete: Readonly<Pod>[];
}

export interface Revisions {
  /** Names of the ControllerRevisions; the same when no update is under way. */
  current: string;
  update: string;
}

export function planStatefulSet(
  set: Readonly<StatefulSet>,
  pods: readonly Readonly<Pod>[],
  revisions: Revisions,
  nowMs: number,
): StatefulSetPlan {
  const plan: StatefulSetPlan = { create: [], delete: [] };
  if (set.metadata.deletionTimestamp !== undefined) return plan;
  const isOrdered = set.spec.podManagementPolicy !== 'Parallel';
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  const isHealthy = (pod: Readonly<Pod>): boolean =>
    pod.metadata.deletionTimestamp === undefined && isReady(pod) && isAvailable(pod, minReadySeconds, nowMs);
  const byOrdinal = new Map(pods.map((pod) => [ordinalOf(set, pod), pod]));
  const wanted = ordinalsOf(set);

  for (const ordinal of wanted) {
    const pod = byOrdinal.get(ordinal);
    if (pod === undefined) plan.create.push({ ordinal, revision: revisionFor(set, ordinal) });
    else if (isFinished(pod)) {
      if (pod.metadata.deletionTimestamp === undefined) plan.delete.push(pod);
    } else if (isHealthy(pod)) continue;
    if (isOrdered) return plan;
  }

  const condemned = [...byOrdinal.entries()]
    .filter(([ordinal]) => ordinal >= 0 && !wanted.includes(ordinal))
    .sort(([a], [b]) => b - a);
  const firstUnhealthy = condemned
    .map(([, pod]) => pod)
    .filter((pod) => !isHealthy(pod))
    .at(-1);
  for (const [, pod] of condemned) {
    const isLeaving = pod.metadata.deletionTimestamp !== undefined;
    if (isOrdered && (isLeaving || (!isHealthy(pod) && pod !== firstUnhealthy))) return plan;
    if (!isLeaving) plan.delete.push(pod);
    if (isOrdered) return plan;
  }
  if (set.spec.updateStrategy?.type === 'OnDelete') return plan;
  plan.delete.push(...outdated(set, wanted, byOrdinal, revisions, isHealthy));
  return plan;
}

/** Pods to replace now: from the highest ordinal down to the partition, not more at a time than may be unavailable. */
function outdated(
  set: Readonly<StatefulSet>,
  wanted: readonly number[],
  byOrdinal: ReadonlyMap<number, Readonly<Pod>>,
  revisions: Revisions,
  isHealthy: (pod: Readonly<Pod>) => boolean,
): Readonly<Pod>[] {
  const rolling = set.spec.updateStrategy?.rollingUpdate;
  const limit =
    rolling?.maxUnavailable === undefined
      ? 1
      : Math.max(scaledValue(rolling.maxUnavailable, wanted.length, 'up') ?? 1, 1);
  const present = wanted.flatMap((ordinal) => byOrdinal.get(ordinal) ?? []);
  let unavailable = wanted.length - present.filter(isHealthy).length;
  const chosen: Readonly<Pod>[] = [];
  const lowest = firstOrdinal(set) + (rolling?.partition ?? 0);
  for (const ordinal of [...wanted].reverse()) {
    if (ordinal < lowest) break;
    const pod = byOrdinal.get(ordinal);
    if (pod === undefined || !isActive(pod)) continue;
    const isOutdated = pod.metadata.labels?.[revisionHashLabel] !== revisions.update;
    if (!isOutdated) {
      if (!isHealthy(pod) && unavailable >= limit) break;
      continue;
    }
    if (isHealthy(pod)) {
      if (unavailable >= limit) break;
      unavailable++;
    }
    chosen.push(pod);
    if (limit === 1) break;
  }
  return chosen;
}

/** Pods below the partition stay with the current revision, the others are made by the new one. */
function revisionFor(set: Readonly<StatefulSet>, ordinal: number): 'current' | 'update' {
  if (set.spec.updateStrategy?.type === 'OnDelete') return 'update';
  const partition = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  return ordinal < firstOrdinal(set) + partition ? 'current' : 'update';
}

/** The status that the pods amount to; a finished update makes its revision the current one. */
export function planStatefulSetStatus(
  set: Readonly<StatefulSet>,
  pods: readonly Readonly<Pod>[],
  revisions: Revisions,
  nowMs: number,
): { status: StatefulSetStatus; requeueAfterMs?: number } {
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  const made = pods.filter((pod) => !isFinished(pod) && ordinalOf(set, pod) >= 0);
  const ready = made.filter((pod) => pod.metadata.deletionTimestamp === undefined && isReady(pod));
  const wanted = new Set(ordinalsOf(set));
  const at = (revision: string): number =>
    made.filter(
      (pod) =>
        isActive(pod) && wanted.has(ordinalOf(set, pod)) && pod.metadata.labels?.[revisionHashLabel] === revision,
    ).length;
  let currentRevision = revisions.current;
  let currentReplicas = at(revisions.current);
  const updatedReplicas = at(revisions.update);
  const isRolling = set.spec.updateStrategy?.type !== 'OnDelete';
  const isDone =
    isRolling && updatedReplicas === made.length && ready.length === made.length && made.length === wanted.size;
  if (isDone) {
    currentRevision = revisions.update;
    currentReplicas = updatedReplicas;
  }
  const status: StatefulSetStatus = {
    observedGeneration: set.metadata.generation,
    replicas: made.length,
    readyReplicas: ready.length || undefined,
    availableReplicas: ready.filter((pod) => isAvailable(pod, minReadySeconds, nowMs)).length,
    currentReplicas: currentReplicas || undefined,
    updatedReplicas: updatedReplicas || undefined,
    currentRevision,
    updateRevision: revisions.update,
    collisionCount: set.status?.collisionCount ?? 0,
    conditions: set.status?.conditions,
  };
  const nextMs = nextAvailableMs(made, minReadySeconds, nowMs);
  return { status, requeueAfterMs: nextMs === undefined ? undefined : nextMs - nowMs + 50 };
}
