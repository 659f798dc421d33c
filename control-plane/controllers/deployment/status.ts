// What a Deployment reports: counts, whether enough pods are available, and whether the rollout progresses. Pure.
import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from '../../../api/kinds/apps/index.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { conditionOf, withCondition, withoutCondition } from '../conditions.ts';
import { limitsOf, replicasOf, sumReplicas } from './rolling.ts';

/** What happened in this reconcile that counts as progress. */
export interface Progress {
  reason: 'NewReplicaSetCreated' | 'FoundNewReplicaSet' | 'ReplicaSetCreateError';
  message: string;
}

const noDeadline = 0x7fff_ffff;

/** Whether the rollout has nothing left to do. */
export function isComplete(deployment: Readonly<Deployment>, status: Readonly<DeploymentStatus> | undefined): boolean {
  const wanted = replicasOf(deployment);
  return (
    (status?.updatedReplicas ?? 0) === wanted &&
    (status?.replicas ?? 0) === wanted &&
    (status?.availableReplicas ?? 0) === wanted &&
    (status?.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

/** The status that these ReplicaSets amount to, and when to look again for the sake of a deadline. */
export function planDeploymentStatus(
  deployment: Readonly<Deployment>,
  sets: readonly Readonly<ReplicaSet>[],
  newSet: Readonly<ReplicaSet> | undefined,
  nowMs: number,
  progress?: Progress,
): { status: DeploymentStatus; requeueAfterMs?: number } {
  const counts = countsOf(deployment, sets, newSet);
  const time = formatTime(nowMs);
  let conditions: DeploymentCondition[] = [...(deployment.status?.conditions ?? [])];
  const set = (type: string, status: string, reason: string, message: string): void => {
    conditions = withCondition(conditions, {
      type,
      status,
      reason,
      message,
      lastUpdateTime: time,
      lastTransitionTime: time,
    });
  };

  const isEnough = (counts.availableReplicas ?? 0) >= replicasOf(deployment) - limitsOf(deployment).maxUnavailable;
  if (isEnough) set('Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.');
  else set('Available', 'False', 'MinimumReplicasUnavailable', 'Deployment does not have minimum availability.');

  const deadlineSeconds = deployment.spec.progressDeadlineSeconds ?? 600;
  if (deadlineSeconds === noDeadline) conditions = withoutCondition(conditions, 'Progressing');
  else if (deployment.spec.paused) {
    const isLate = conditionOf(conditions, 'Progressing')?.reason === 'ProgressDeadlineExceeded';
    if (!isLate) set('Progressing', 'Unknown', 'DeploymentPaused', 'Deployment is paused');
  } else conditions = progressing(deployment, { ...counts, conditions }, newSet, deadlineSeconds, nowMs, progress);

  const failure = [newSet, ...sets].flatMap((one) => conditionOf(one?.status?.conditions, 'ReplicaFailure') ?? [])[0];
  if (failure) set('ReplicaFailure', failure.status, failure.reason ?? '', failure.message ?? '');
  else conditions = withoutCondition(conditions, 'ReplicaFailure');

  const status = { ...counts, conditions };
  return { status, requeueAfterMs: untilDeadlineMs(deployment, status, deadlineSeconds, nowMs) };
}

function countsOf(
  deployment: Readonly<Deployment>,
  sets: readonly Readonly<ReplicaSet>[],
  newSet: Readonly<ReplicaSet> | undefined,
): DeploymentStatus {
  const sum = (of: (set: Readonly<ReplicaSet>) => number | undefined): number =>
    sets.reduce((total, set) => total + (of(set) ?? 0), 0);
  const available = sum((set) => set.status?.availableReplicas);
  return {
    observedGeneration: deployment.metadata.generation,
    replicas: orNone(sum((set) => set.status?.replicas)),
    updatedReplicas: orNone(newSet?.status?.replicas ?? 0),
    readyReplicas: orNone(sum((set) => set.status?.readyReplicas)),
    availableReplicas: orNone(available),
    unavailableReplicas: orNone(Math.max(sumReplicas(sets) - available, 0)),
    terminatingReplicas: sum((set) => set.status?.terminatingReplicas),
    collisionCount: deployment.status?.collisionCount,
  };
}

function progressing(
  deployment: Readonly<Deployment>,
  next: Readonly<DeploymentStatus>,
  newSet: Readonly<ReplicaSet> | undefined,
  deadlineSeconds: number,
  nowMs: number,
  progress: Progress | undefined,
): DeploymentCondition[] {
  const time = formatTime(nowMs);
  const known = conditionOf(next.conditions, 'Progressing');
  const subject = newSet ? `ReplicaSet "${newSet.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
  const to = (status: string, reason: string, message: string): DeploymentCondition[] => {
    const lastTransitionTime = known?.status === status ? known.lastTransitionTime : time;
    const condition = { type: 'Progressing', status, reason, message, lastUpdateTime: time, lastTransitionTime };
    return [...withoutCondition(next.conditions, 'Progressing'), condition];
  };
  const success = `${subject} has successfully progressed.`;
  // The success of an earlier revision says nothing of this one; left standing, it would hold off the deadline.
  const isOutlived =
    known?.reason === 'NewReplicaSetAvailable' && known.message !== success && !isComplete(deployment, next);
  if (progress && (progress.reason !== 'FoundNewReplicaSet' || known === undefined || isOutlived)) {
    return to(progress.reason === 'ReplicaSetCreateError' ? 'False' : 'True', progress.reason, progress.message);
  }
  const wasDone = (next.replicas ?? 0) === (next.updatedReplicas ?? 0) && known?.reason === 'NewReplicaSetAvailable';
  if (known?.reason === 'DeploymentPaused') return to('Unknown', 'DeploymentResumed', 'Deployment is resumed');
  if (wasDone) return next.conditions ?? [];
  if (isComplete(deployment, next)) {
    if (known?.reason === 'NewReplicaSetAvailable') return next.conditions ?? [];
    return to('True', 'NewReplicaSetAvailable', success);
  }
  if (hasAdvanced(deployment.status, next)) return to('True', 'ReplicaSetUpdated', `${subject} is progressing.`);
  if (hasTimedOut(known, deadlineSeconds, nowMs)) {
    if (known?.reason === 'ProgressDeadlineExceeded') return next.conditions ?? [];
    return to('False', 'ProgressDeadlineExceeded', `${subject} has timed out progressing.`);
  }
  return next.conditions ?? [];
}

function hasAdvanced(before: Readonly<DeploymentStatus> | undefined, next: Readonly<DeploymentStatus>): boolean {
  const oldPods = (status: Readonly<DeploymentStatus> | undefined): number =>
    (status?.replicas ?? 0) - (status?.updatedReplicas ?? 0);
  return (
    (next.updatedReplicas ?? 0) > (before?.updatedReplicas ?? 0) ||
    oldPods(next) < oldPods(before) ||
    (next.readyReplicas ?? 0) > (before?.readyReplicas ?? 0) ||
    (next.availableReplicas ?? 0) > (before?.availableReplicas ?? 0)
  );
}

function hasTimedOut(known: DeploymentCondition | undefined, deadlineSeconds: number, nowMs: number): boolean {
  if (known === undefined || known.reason === 'NewReplicaSetAvailable') return false;
  if (known.reason === 'ProgressDeadlineExceeded') return true;
  return Date.parse(known.lastUpdateTime ?? '') + deadlineSeconds * 1000 < nowMs;
}

function untilDeadlineMs(
  deployment: Readonly<Deployment>,
  status: Readonly<DeploymentStatus>,
  deadlineSeconds: number,
  nowMs: number,
): number | undefined {
  const known = conditionOf(status.conditions, 'Progressing');
  if (deployment.spec.paused || deadlineSeconds === noDeadline || known === undefined || isComplete(deployment, status))
    return undefined;
  if (known.reason === 'NewReplicaSetAvailable' || known.reason === 'ProgressDeadlineExceeded') return undefined;
  return Math.max(Date.parse(known.lastUpdateTime ?? '') + deadlineSeconds * 1000 - nowMs, 0) + 1_100;
}

function orNone(count: number): number | undefined {
  return count === 0 ? undefined : count;
}
