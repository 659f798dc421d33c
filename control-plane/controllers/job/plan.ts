// What a Job needs next: pods to make or delete, and how it stands or ends. Pure; upstream's rules.
import type { Job, JobCondition, JobStatus } from '../../../api/kinds/batch/index.ts';
import type { Pod } from '../../../api/kinds/core/index.ts';
import type { Tally } from './tally.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { conditionOf, withCondition } from '../conditions.ts';
import { isActive, isFinished, isReady } from '../pod-state.ts';
import { planOutcome } from './outcome.ts';
import { earlierFailures, endedMs, indexOf, isFailed, isIndexed, matchFailurePolicy } from './pods.ts';

export interface JobPlan {
  /** Indexes to make pods for, with how often each failed before; undefined where the Job has none. */
  create: { index: number | undefined; failures: number }[];
  delete: Readonly<Pod>[];
  status: JobStatus;
  requeueAfterMs?: number;
}

const firstBackoffMs = 10_000;
const longestBackoffMs = 600_000;

export function isJobFinished(job: { readonly status?: { readonly conditions?: readonly JobCondition[] } }): boolean {
  return (
    job.status?.conditions?.some(
      ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
    ) ?? false
  );
}

export function planJob(job: Readonly<Job>, pods: readonly Readonly<Pod>[], tally: Tally, nowMs: number): JobPlan {
  const active = pods.filter(isActive);
  const terminating = pods.filter((pod) => pod.metadata.deletionTimestamp !== undefined && !isFinished(pod));
  const time = formatTime(nowMs);
  const isSuspended = job.spec.suspend === true;
  let conditions: JobCondition[] = [...(job.status?.conditions ?? [])];
  const set = (type: string, status: string, reason: string, message: string): void => {
    conditions = withCondition(conditions, {
      type,
      status,
      reason,
      message,
      lastProbeTime: time,
      lastTransitionTime: time,
    });
  };
  const plan: JobPlan = { create: [], delete: [], status: {} };
  let startTime = job.status?.startTime ?? (isSuspended ? undefined : time);

  const outcome = planOutcome(job, pods, tally, startTime, nowMs);
  if (outcome) {
    set(outcome.isSuccess ? 'SuccessCriteriaMet' : 'FailureTarget', 'True', outcome.reason, outcome.message);
    plan.delete = active;
    const isAllCounted =
      tally.release.length === 0 &&
      (tally.status.uncountedTerminatedPods?.succeeded ?? tally.status.uncountedTerminatedPods?.failed) === undefined;
    if (active.length === 0 && terminating.length === 0 && isAllCounted)
      set(outcome.isSuccess ? 'Complete' : 'Failed', 'True', outcome.reason, outcome.message);
  } else if (isSuspended) {
    plan.delete = active;
    set('Suspended', 'True', 'JobSuspended', 'Job suspended');
    startTime = undefined;
  } else {
    if (conditionOf(conditions, 'Suspended')?.status === 'True') {
      set('Suspended', 'False', 'JobResumed', 'Job resumed');
      startTime = time;
    }
    planPods(job, pods, active, terminating, tally, nowMs, plan);
    const deadlineMs =
      job.spec.activeDeadlineSeconds === undefined
        ? undefined
        : Date.parse(startTime ?? time) + job.spec.activeDeadlineSeconds * 1000 - nowMs;
    if (deadlineMs !== undefined)
      plan.requeueAfterMs = Math.min(plan.requeueAfterMs ?? Infinity, Math.max(deadlineMs, 0) + 50);
  }
  const isComplete = conditionOf(conditions, 'Complete')?.status === 'True';
  plan.status = {
    ...tally.status,
    active: (isSuspended || outcome ? 0 : active.length) || undefined,
    ready: active.filter(isReady).length,
    terminating: terminating.length + (outcome || isSuspended ? active.length : 0),
    startTime,
    completionTime: isComplete ? (job.status?.completionTime ?? time) : undefined,
    conditions: conditions.length > 0 ? conditions : undefined,
  };
  return plan;
}

function planPods(
  job: Readonly<Job>,
  pods: readonly Readonly<Pod>[],
  active: readonly Readonly<Pod>[],
  terminating: readonly Readonly<Pod>[],
  tally: Tally,
  nowMs: number,
  plan: JobPlan,
): void {
  const parallelism = job.spec.parallelism ?? 1;
  const { completions } = job.spec;
  const replacesFailedOnly = job.spec.podReplacementPolicy === 'Failed';
  const held = active.length + (replacesFailedOnly ? terminating.length : 0);
  let wanted: number;
  if (completions === undefined) wanted = tally.succeeded > 0 ? active.length : parallelism;
  else wanted = Math.min(parallelism, Math.max(completions - tally.succeeded - tally.failedIndexes.size, 0));
  if (isIndexed(job)) return planIndexes(job, pods, active, terminating, tally, wanted, nowMs, plan);
  if (active.length > wanted) {
    plan.delete = [...active].sort(lessDoneFirst).slice(0, active.length - wanted);
    return;
  }
  if (held >= wanted) return;
  const waitMs = backoffMs(job, pods, nowMs);
  if (waitMs > 0) plan.requeueAfterMs = waitMs;
  else plan.create = Array.from({ length: Math.min(wanted - held, 500) }, () => ({ index: undefined, failures: 0 }));
}

function planIndexes(
  job: Readonly<Job>,
  pods: readonly Readonly<Pod>[],
  active: readonly Readonly<Pod>[],
  terminating: readonly Readonly<Pod>[],
  tally: Tally,
  wanted: number,
  nowMs: number,
  plan: JobPlan,
): void {
  const taken = new Set<number>();
  const completions = job.spec.completions ?? 0;
  for (const pod of [...active].sort((a, b) => indexOf(a) - indexOf(b))) {
    const index = indexOf(pod);
    const isSurplus =
      index < 0 ||
      index >= completions ||
      taken.has(index) ||
      tally.completedIndexes.has(index) ||
      taken.size >= wanted;
    if (isSurplus) plan.delete.push(pod);
    else taken.add(index);
  }
  // An index whose last pod still leaves is not given to another: two pods would share one hostname and index.
  const leaving = new Set(terminating.map(indexOf));
  for (let index = 0; index < completions && taken.size < Math.min(wanted, 500 + taken.size); index++) {
    if (taken.has(index) || leaving.has(index) || tally.completedIndexes.has(index) || tally.failedIndexes.has(index))
      continue;
    const own = pods.filter((pod) => indexOf(pod) === index);
    const waitMs = backoffMs(job, job.spec.backoffLimitPerIndex === undefined ? pods : own, nowMs);
    taken.add(index);
    if (waitMs > 0) plan.requeueAfterMs = Math.min(plan.requeueAfterMs ?? Infinity, waitMs);
    else plan.create.push({ index, failures: failuresOf(job, own) });
  }
}

/** How often an index has failed: the last pod's earlier failures, and its own unless the policy ignores it. */
function failuresOf(job: Readonly<Job>, own: readonly Readonly<Pod>[]): number {
  const counts = own
    .filter((pod) => isFailed(job, pod))
    .map((pod) => earlierFailures(pod) + (matchFailurePolicy(job, pod)?.action === 'Ignore' ? 0 : 1));
  return Math.max(0, ...counts);
}

/** How long to wait before the next try: 10 s after a failure, doubling up to 10 minutes, none after a success. */
function backoffMs(job: Readonly<Job>, pods: readonly Readonly<Pod>[], nowMs: number): number {
  const ended = pods
    .filter((pod) => pod.status?.phase === 'Succeeded' || isFailed(job, pod))
    .sort((a, b) => endedMs(b) - endedMs(a));
  const firstSuccess = ended.findIndex((pod) => pod.status?.phase === 'Succeeded');
  const failures = firstSuccess === -1 ? ended.length : firstSuccess;
  const [last] = ended;
  if (failures === 0 || last === undefined) return 0;
  return Math.max(endedMs(last) + Math.min(firstBackoffMs * 2 ** (failures - 1), longestBackoffMs) - nowMs, 0);
}

function lessDoneFirst(a: Readonly<Pod>, b: Readonly<Pod>): number {
  return (
    Number(Boolean(a.spec.nodeName)) - Number(Boolean(b.spec.nodeName)) ||
    Number(isReady(a)) - Number(isReady(b)) ||
    Date.parse(b.metadata.creationTimestamp) - Date.parse(a.metadata.creationTimestamp) ||
    (a.metadata.uid < b.metadata.uid ? -1 : 1)
  );
}
