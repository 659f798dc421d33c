// What a ReplicaSet needs: how many pods to make, which to delete, and the status to report. Pure.
import type { ReplicaSetStatus } from '../../../api/kinds/apps/index.ts';
import type { Pod, PodTemplateSpec } from '../../../api/kinds/core/index.ts';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { withCondition, withoutCondition } from '../conditions.ts';
import { isActive, isAvailable, isFinished, isReady, nextAvailableMs } from '../pod-state.ts';
import { rankForDeletion } from './ranking.ts';

/** Creations and deletions per reconcile. */
const burst = 500;

/** What ReplicaSets and ReplicationControllers have in common. */
export interface Replicated extends KubernetesObject {
  spec: { replicas?: number; minReadySeconds?: number; template?: PodTemplateSpec };
  status?: Omit<ReplicaSetStatus, 'terminatingReplicas'>;
}
export type ReplicatedStatus = ReplicaSetStatus;

export interface ReplicaSetPlan {
  create: number;
  delete: Readonly<Pod>[];
}

/**
 * @param pods the pods that the set controls
 * @param related all pods of the sets with the same controller; they say how crowded a node is
 */
export function planReplicas(
  replicaSet: Readonly<Replicated>,
  pods: readonly Readonly<Pod>[],
  related: readonly Readonly<Pod>[],
  nowMs: number,
): ReplicaSetPlan {
  if (replicaSet.metadata.deletionTimestamp !== undefined) return { create: 0, delete: [] };
  const active = pods.filter(isActive);
  const missing = (replicaSet.spec.replicas ?? 1) - active.length;
  if (missing >= 0) return { create: Math.min(missing, burst), delete: [] };
  const perNode = new Map<string, number>();
  for (const pod of related) {
    if (isActive(pod) && pod.spec.nodeName) perNode.set(pod.spec.nodeName, (perNode.get(pod.spec.nodeName) ?? 0) + 1);
  }
  const ranked = active.map((pod) => ({ pod, neighbours: perNode.get(pod.spec.nodeName ?? '') ?? 0 }));
  return { create: 0, delete: rankForDeletion(ranked, nowMs).slice(0, Math.min(-missing, burst)) };
}

/** The status that these pods amount to; `failure` is why the last creations or deletions failed. */
export function planReplicaStatus(
  replicaSet: Readonly<Replicated>,
  pods: readonly Readonly<Pod>[],
  failure: { reason: 'FailedCreate' | 'FailedDelete'; message: string } | undefined,
  nowMs: number,
): { status: ReplicaSetStatus; requeueAfterMs?: number } {
  const active = pods.filter(isActive);
  const templateLabels = Object.entries(replicaSet.spec.template?.metadata?.labels ?? {});
  const minReadySeconds = replicaSet.spec.minReadySeconds ?? 0;
  const count = (test: (pod: Readonly<Pod>) => boolean): number => active.filter(test).length;
  const conditions = failure
    ? withCondition(replicaSet.status?.conditions, {
        type: 'ReplicaFailure',
        status: 'True',
        reason: failure.reason,
        message: failure.message,
        lastTransitionTime: formatTime(nowMs),
      })
    : withoutCondition(replicaSet.status?.conditions, 'ReplicaFailure');
  const status: ReplicaSetStatus = {
    replicas: active.length,
    fullyLabeledReplicas: orNone(
      count((pod) => templateLabels.every(([key, value]) => pod.metadata.labels?.[key] === value)),
    ),
    readyReplicas: orNone(count(isReady)),
    availableReplicas: orNone(count((pod) => isAvailable(pod, minReadySeconds, nowMs))),
    terminatingReplicas: pods.filter((pod) => !isFinished(pod) && pod.metadata.deletionTimestamp !== undefined).length,
    observedGeneration: replicaSet.metadata.generation,
    conditions: conditions.length > 0 ? conditions : undefined,
  };
  const nextMs = nextAvailableMs(active, minReadySeconds, nowMs);
  return { status, requeueAfterMs: nextMs === undefined ? undefined : nextMs - nowMs + 50 };
}

/** Upstream leaves zero counts out of JSON. */
function orNone(count: number): number | undefined {
  return count === 0 ? undefined : count;
}
