// What a CronJob needs: a Job to start, Jobs to stop, old ones to forget. Pure.
import type { CronJob, CronJobStatus, Job } from '../../../api/kinds/batch/index.ts';
import type { Draft } from '../../../api/meta/object-meta.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { conditionOf } from '../conditions.ts';
import { isJobFinished } from '../job/plan.ts';
import { controllerRefOf } from '../pod-template.ts';
import { planSchedule } from './schedule.ts';

export interface CronJobPlan {
  start?: Draft<Job>;
  /** Running Jobs that make room for the new one. */
  replace: Readonly<Job>[];
  /** Finished Jobs beyond the history limits. */
  forget: Readonly<Job>[];
  status: CronJobStatus;
  requeueAfterMs?: number;
  events: { type: 'Normal' | 'Warning'; reason: string; message: string }[];
}

export function planCronJob(cronJob: Readonly<CronJob>, owned: readonly Readonly<Job>[], nowMs: number): CronJobPlan {
  const plan: CronJobPlan = { replace: [], forget: [], status: {}, events: [] };
  const running = owned.filter((job) => !isJobFinished(job));
  plan.forget = surplus(owned, cronJob);
  plan.status = { ...cronJob.status, active: activeOf(running), lastSuccessfulTime: lastSuccess(owned, cronJob) };
  for (const job of owned) {
    const wasActive = cronJob.status?.active?.some(({ uid }) => uid === job.metadata.uid);
    if (wasActive && isJobFinished(job))
      plan.events.push({
        type: 'Normal',
        reason: 'SawCompletedJob',
        message: `Saw completed job: ${job.metadata.name}, condition: ${endOf(job)}`,
      });
  }
  if (cronJob.metadata.deletionTimestamp !== undefined || cronJob.spec.suspend) return plan;

  let due;
  try {
    due = planSchedule(cronJob, nowMs);
  } catch (error) {
    plan.events.push({
      type: 'Warning',
      reason: 'UnparseableSchedule',
      message: `unparseable schedule ${JSON.stringify(cronJob.spec.schedule)}: ${(error as Error).message}`,
    });
    return plan;
  }
  if (due.nextMs !== undefined) plan.requeueAfterMs = due.nextMs - nowMs + 100;
  if (due.missedMany)
    plan.events.push({
      type: 'Warning',
      reason: 'TooManyMissedTimes',
      message: 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew',
    });
  if (due.dueMs === undefined) return plan;
  if (cronJob.spec.concurrencyPolicy === 'Forbid' && running.length > 0) {
    plan.events.push({
      type: 'Normal',
      reason: 'JobAlreadyActive',
      message: 'Not starting job because prior execution is running and concurrency policy is Forbid',
    });
    return plan;
  }
  if (cronJob.spec.concurrencyPolicy === 'Replace') plan.replace = running;
  plan.start = jobOf(cronJob, due.dueMs);
  plan.status = { ...plan.status, lastScheduleTime: formatTime(due.dueMs) };
  return plan;
}

/** The Job of a scheduled time; its name says which, so it is never started twice. */
function jobOf(cronJob: Readonly<CronJob>, scheduledMs: number): Draft<Job> {
  const { metadata, spec } = cronJob.spec.jobTemplate;
  return {
    metadata: {
      name: `${cronJob.metadata.name}-${Math.floor(scheduledMs / 60_000)}`,
      namespace: cronJob.metadata.namespace,
      labels: { ...metadata?.labels },
      annotations: {
        ...metadata?.annotations,
        'batch.kubernetes.io/cronjob-scheduled-timestamp': formatTime(scheduledMs),
      },
      ownerReferences: [controllerRefOf(cronJob)],
    },
    spec: structuredClone(spec) as Job['spec'],
  };
}

export function activeOf(running: readonly Readonly<Job>[]): CronJobStatus['active'] {
  if (running.length === 0) return undefined;
  return [...running]
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    .map(({ metadata: { name, namespace, uid } }) => ({
      apiVersion: 'batch/v1',
      kind: 'Job',
      name,
      namespace,
      uid,
    }));
}

function endOf(job: Readonly<Job>): 'Complete' | 'Failed' {
  return conditionOf(job.status?.conditions, 'Complete')?.status === 'True' ? 'Complete' : 'Failed';
}

function lastSuccess(owned: readonly Readonly<Job>[], cronJob: Readonly<CronJob>): string | undefined {
  let latest = cronJob.status?.lastSuccessfulTime;
  for (const { status } of owned)
    if (status?.completionTime && (latest === undefined || Date.parse(status.completionTime) > Date.parse(latest)))
      latest = status.completionTime;
  return latest;
}

function surplus(owned: readonly Readonly<Job>[], cronJob: Readonly<CronJob>): Readonly<Job>[] {
  const { successfulJobsHistoryLimit = 3, failedJobsHistoryLimit = 1 } = cronJob.spec;
  const newestFirst = owned
    .filter(isJobFinished)
    .sort(
      (a, b) =>
        Date.parse(b.status?.startTime ?? b.metadata.creationTimestamp) -
          Date.parse(a.status?.startTime ?? a.metadata.creationTimestamp) ||
        (a.metadata.name < b.metadata.name ? 1 : -1),
    );
  return [
    ...newestFirst.filter((job) => endOf(job) === 'Complete').slice(successfulJobsHistoryLimit),
    ...newestFirst.filter((job) => endOf(job) === 'Failed').slice(failedJobsHistoryLimit),
  ];
}
