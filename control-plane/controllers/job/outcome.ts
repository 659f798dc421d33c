// Whether a Job has succeeded or failed for good, and why, in upstream's words. Pure.
import type { Job } from '../../../api/kinds/batch/index.ts';
import type { Pod } from '../../../api/kinds/core/index.ts';
import type { Tally } from './tally.ts';
import { conditionOf } from '../conditions.ts';
import { isActive } from '../pod-state.ts';
import { parseIndexes } from './indexes.ts';
import { isFailed, isIndexed, matchFailurePolicy } from './pods.ts';

export interface Outcome {
  isSuccess: boolean;
  reason: string;
  message: string;
}

/** What was decided once stays decided. */
export function planOutcome(
  job: Readonly<Job>,
  pods: readonly Readonly<Pod>[],
  tally: Tally,
  startTime: string | undefined,
  nowMs: number,
): Outcome | undefined {
  for (const type of ['FailureTarget', 'SuccessCriteriaMet'] as const) {
    const decided = conditionOf(job.status?.conditions, type);
    if (decided?.status === 'True')
      return { isSuccess: type === 'SuccessCriteriaMet', reason: decided.reason ?? '', message: decided.message ?? '' };
  }
  return failureOf(job, pods, tally, startTime, nowMs) ?? successOf(job, pods, tally);
}

function failureOf(
  job: Readonly<Job>,
  pods: readonly Readonly<Pod>[],
  tally: Tally,
  startTime: string | undefined,
  nowMs: number,
): Outcome | undefined {
  const failed = (reason: string, message: string): Outcome => ({ isSuccess: false, reason, message });
  const { backoffLimit = 6, activeDeadlineSeconds, maxFailedIndexes, completions = 0 } = job.spec;
  for (const pod of pods) {
    const match = isFailed(job, pod) ? matchFailurePolicy(job, pod) : undefined;
    if (match?.action === 'FailJob') return failed('PodFailurePolicy', match.message);
  }
  if (tally.failed > backoffLimit || hasRestartedTooOften(job, pods, backoffLimit)) {
    return failed('BackoffLimitExceeded', 'Job has reached the specified backoff limit');
  }
  if (
    activeDeadlineSeconds !== undefined &&
    startTime &&
    !job.spec.suspend &&
    nowMs - Date.parse(startTime) >= activeDeadlineSeconds * 1000
  ) {
    return failed('DeadlineExceeded', 'Job was active longer than specified deadline');
  }
  if (tally.failedIndexes.size === 0) return undefined;
  if (maxFailedIndexes !== undefined && tally.failedIndexes.size > maxFailedIndexes) {
    return failed('MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes');
  }
  const isAllTried = tally.failedIndexes.size + tally.completedIndexes.size >= completions;
  return isAllTried ? failed('FailedIndexes', 'Job has failed indexes') : undefined;
}

/** Containers that restart in place count against the limit as well. */
function hasRestartedTooOften(job: Readonly<Job>, pods: readonly Readonly<Pod>[], limit: number): boolean {
  if (job.spec.template.spec?.restartPolicy !== 'OnFailure') return false;
  let restarts = 0;
  for (const { status } of pods) {
    if (status?.phase !== 'Running' && status?.phase !== 'Pending') continue;
    for (const { restartCount } of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])])
      restarts += restartCount ?? 0;
  }
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

function successOf(job: Readonly<Job>, pods: readonly Readonly<Pod>[], tally: Tally): Outcome | undefined {
  if (isIndexed(job)) {
    for (const [at, rule] of (job.spec.successPolicy?.rules ?? []).entries()) {
      const named =
        rule.succeededIndexes === undefined
          ? undefined
          : parseIndexes(rule.succeededIndexes, job.spec.completions ?? 0);
      const met =
        named === undefined
          ? tally.completedIndexes.size
          : [...named].filter((index) => tally.completedIndexes.has(index)).length;
      if (met >= (rule.succeededCount ?? named?.size ?? Infinity)) {
        return { isSuccess: true, reason: 'SuccessPolicy', message: `Matched rules at index ${at}` };
      }
    }
  }
  const reached = {
    isSuccess: true,
    reason: 'CompletionsReached',
    message: 'Reached expected number of succeeded pods',
  };
  if (job.spec.completions !== undefined) return tally.succeeded >= job.spec.completions ? reached : undefined;
  return tally.succeeded > 0 && !pods.some(isActive) ? reached : undefined;
}
