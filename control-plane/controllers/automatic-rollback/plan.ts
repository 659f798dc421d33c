// Opt-in: a Deployment whose rollout fails goes back to its last good revision by itself. Pure.
//
// The administrator asks by annotations on the Deployment:
//   pilothouse.io/automatic-rollback: "true"      when the progress deadline is exceeded
//   pilothouse.io/rollback-restart-budget: "5"    also when the new pods' containers have restarted as often, while
//   pilothouse.io/rollback-watch-seconds: "60"    the rollout, and so many seconds after it, are watched
// A revision is good once its rollout has completed and the watch is over: that is remembered on its ReplicaSet. One
// that was good is never rolled back from, so two revisions cannot take turns.
import type { Deployment, ReplicaSet } from '../../../api/kinds/apps/index.ts';
import type { Pod, PodTemplateSpec } from '../../../api/kinds/core/index.ts';
import { conditionOf } from '../conditions.ts';
import { byRevision, findNewSet, revisionOf } from '../deployment/revisions.ts';
import { isComplete } from '../deployment/status.ts';
import { podTemplateHashLabel } from '../pod-template.ts';

export const optInAnnotation = 'pilothouse.io/automatic-rollback';
export const budgetAnnotation = 'pilothouse.io/rollback-restart-budget';
const watchAnnotation = 'pilothouse.io/rollback-watch-seconds';
export const goodAnnotation = 'pilothouse.io/good-revision';
export const rolledBackAnnotation = 'pilothouse.io/rolled-back-revision';
export const conditionType = 'pilothouse.io/RolledBack';
export const changeCauseAnnotation = 'kubernetes.io/change-cause';
const opening = 'Rolled back from revision ';

/** What is said of a rollback: the change cause of the revision that is gone back to, the event and the condition. */
export function rollbackSentence(from: Readonly<ReplicaSet>, to: Readonly<ReplicaSet>, evidence: string): string {
  return `${opening}${revisionOf(from)} to revision ${revisionOf(to)}. ${evidence}`;
}

export type RollbackPlan =
  /** `untilMs`: look again then, when the watch is over. */
  | { do: 'nothing'; untilMs?: number }
  /** The present revision has proved itself. */
  | { do: 'markGood'; set: Readonly<ReplicaSet> }
  /** `evidence` is one sentence about what went wrong. */
  | {
      do: 'rollBack';
      from: Readonly<ReplicaSet>;
      to: Readonly<ReplicaSet>;
      template: PodTemplateSpec;
      evidence: string;
    }
  /** It has gone back, as its change cause says, and its condition does not say so yet. */
  | { do: 'report'; sentence: string }
  /** It failed, and there is nothing to go back to. */
  | { do: 'tell'; message: string };

export function planRollback(
  deployment: Readonly<Deployment>,
  sets: readonly Readonly<ReplicaSet>[],
  podsOf: (set: Readonly<ReplicaSet>) => readonly Readonly<Pod>[],
  nowMs: number,
): RollbackPlan {
  const { annotations = {}, deletionTimestamp, generation = 0 } = deployment.metadata;
  if (annotations[optInAnnotation] !== 'true' || deletionTimestamp !== undefined || deployment.spec.paused)
    return { do: 'nothing' };
  const cause = annotations[changeCauseAnnotation];
  const told = conditionOf(deployment.status?.conditions, conditionType)?.message;
  if (cause?.startsWith(opening) && cause !== told) return { do: 'report', sentence: cause };
  if ((deployment.status?.observedGeneration ?? 0) < generation) return { do: 'nothing' };
  const present = findNewSet(deployment, sets);
  if (present === undefined) return { do: 'nothing' };
  const progressing = conditionOf(deployment.status?.conditions, 'Progressing');
  const isWithinBudget = restartsOf(podsOf(present)) < budgetOf(annotations);

  if (progressing?.reason === 'NewReplicaSetAvailable' && isWithinBudget) {
    // The reason may still be the one of the revision before: only a rollout that is over proves this one.
    if (isGood(present) || !isComplete(deployment, deployment.status)) return { do: 'nothing' };
    const untilMs = Date.parse(progressing.lastUpdateTime ?? '') + watchMs(annotations);
    return untilMs > nowMs ? { do: 'nothing', untilMs } : { do: 'markGood', set: present };
  }
  const evidence = evidenceOf(present, progressing?.reason, isWithinBudget, podsOf(present), budgetOf(annotations));
  if (evidence === undefined || isGood(present)) return { do: 'nothing' };
  const [to] = sets
    .filter((set) => set !== present && isGood(set) && set.metadata.deletionTimestamp === undefined)
    .sort((a, b) => byRevision(b, a));
  if (to?.spec.template === undefined) {
    return { do: 'tell', message: `${evidence} There is no earlier good revision to go back to.` };
  }
  return { do: 'rollBack', from: present, to, template: plainTemplate(to.spec.template), evidence };
}

/** Whether the rollout of this very revision has completed once, and it was not given up since. */
function isGood(set: Readonly<ReplicaSet>): boolean {
  const { annotations = {} } = set.metadata;
  const good = annotations[goodAnnotation];
  return good !== undefined && annotations[rolledBackAnnotation] !== good;
}

function evidenceOf(
  set: Readonly<ReplicaSet>,
  reason: string | undefined,
  isWithinBudget: boolean,
  pods: readonly Readonly<Pod>[],
  budget: number,
): string | undefined {
  const name = `Revision ${revisionOf(set)} (${set.metadata.name})`;
  if (reason === 'ProgressDeadlineExceeded') {
    const waiting = pods
      .flatMap(({ status }) => status?.containerStatuses ?? [])
      .find(({ state }) => state?.waiting?.reason);
    const available = set.status?.availableReplicas ?? 0;
    const detail = waiting ? `; container ${waiting.name} waits: ${waiting.state?.waiting?.reason}` : '';
    return `${name} made no progress within its deadline: ${available} of ${set.spec.replicas ?? 1} pods available${detail}.`;
  }
  if (!isWithinBudget)
    return `${name} broke its error budget: its containers restarted ${restartsOf(pods)} times, ${budget} allowed.`;
  return undefined;
}

function budgetOf(annotations: Readonly<Record<string, string>>): number {
  const budget = Number(annotations[budgetAnnotation] ?? NaN);
  return Number.isInteger(budget) && budget > 0 ? budget : Infinity;
}

/** Without a budget there is nothing to watch. */
function watchMs(annotations: Readonly<Record<string, string>>): number {
  if (budgetOf(annotations) === Infinity) return 0;
  const seconds = Number(annotations[watchAnnotation] ?? 60);
  return seconds >= 0 ? seconds * 1000 : 60_000;
}

function restartsOf(pods: readonly Readonly<Pod>[]): number {
  let restarts = 0;
  for (const { status } of pods)
    for (const { restartCount } of status?.containerStatuses ?? []) restarts += restartCount ?? 0;
  return restarts;
}

function plainTemplate(template: Readonly<PodTemplateSpec>): PodTemplateSpec {
  const { [podTemplateHashLabel]: _hash, ...labels } = template.metadata?.labels ?? {};
  return { ...structuredClone(template as PodTemplateSpec), metadata: { ...template.metadata, labels } };
}
