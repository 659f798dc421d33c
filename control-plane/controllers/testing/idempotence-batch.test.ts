// Jobs and CronJobs come to rest: the plan after its own effect is empty, whatever the start and however pods end.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CronJob, Job } from '../../../api/kinds/batch/index.ts';
import type { Pod } from '../../../api/kinds/core/index.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { planCronJob } from '../cron-job/plan.ts';
import { parseIndexes } from '../job/indexes.ts';
import { isJobFinished, planJob } from '../job/plan.ts';
import { indexAnnotation, isTracked, jobPod } from '../job/pods.ts';
import { planTally } from '../job/tally.ts';
import { isSame } from '../same.ts';
import { makePod, metaOf, startMs } from './fixtures.ts';

const template = { metadata: {}, spec: { containers: [{ name: 'web', image: 'x' }], restartPolicy: 'Never' as const } };

/** A Job with its pods, and the controller's step on them: status first, then finalizers, deletions and creations. */
class JobWorld {
  job: Job;
  pods: Pod[] = [];
  nowMs = startMs;
  made = 0;
  ended = { Succeeded: 0, Failed: 0 };

  constructor(spec: Partial<Job['spec']>) {
    this.job = { apiVersion: 'batch/v1', kind: 'Job', metadata: metaOf('job'), spec: { template, ...spec } };
  }

  /** Whether the step changed anything. */
  step(): { changed: boolean; requeueAfterMs?: number } {
    if (isJobFinished(this.job)) {
      const held = this.pods.filter(isTracked);
      held.forEach((pod) => this.#release(pod));
      return { changed: held.length > 0 };
    }
    const tally = planTally(this.job, this.pods);
    const plan = planJob(this.job, this.pods, tally, this.nowMs);
    const changed =
      !isSame(plan.status, this.job.status) || tally.release.length + plan.delete.length + plan.create.length > 0;
    this.job = { ...this.job, status: plan.status };
    tally.release.forEach((pod) => this.#release(pod));
    // A deleted pod counts for nothing: its finalizer goes before it does.
    this.pods = this.pods.filter(({ metadata }) => !plan.delete.some((gone) => gone.metadata.uid === metadata.uid));
    for (const { index, failures } of plan.create) this.#create(index, failures);
    return { changed, requeueAfterMs: plan.requeueAfterMs };
  }

  /** Steps until nothing changes any more. */
  settle(): number | undefined {
    for (let steps = 0; ; steps++) {
      expect(steps).toBeLessThan(12);
      const { changed, requeueAfterMs } = this.step();
      if (!changed) return requeueAfterMs;
    }
  }

  end(pod: Pod, phase: 'Succeeded' | 'Failed'): void {
    const state = { terminated: { exitCode: phase === 'Failed' ? 1 : 0, finishedAt: formatTime(this.nowMs) } };
    const container = { name: 'web', image: 'x', imageID: '', ready: false, restartCount: 0, state };
    const status = { ...pod.status, phase, conditions: [], containerStatuses: [container] };
    this.pods = this.pods.map((one) => (one === pod ? { ...pod, status } : one));
    this.ended[phase]++;
  }

  running(): Pod[] {
    return this.pods.filter(({ status }) => status?.phase === 'Running');
  }

  #create(index: number | undefined, failures: number): void {
    const draft = jobPod(this.job, index, failures);
    const pod = makePod(`p${this.made++}`, { createdMs: this.nowMs });
    this.pods.push({ ...pod, metadata: { ...pod.metadata, ...draft.metadata, name: pod.metadata.name } });
  }

  #release(gone: Readonly<Pod>): void {
    this.pods = this.pods.map((pod) =>
      pod.metadata.uid === gone.metadata.uid ? { ...pod, metadata: { ...pod.metadata, finalizers: [] } } : pod,
    );
  }
}

const sizes = {
  parallelism: fc.integer({ min: 0, max: 4 }),
  backoffLimit: fc.integer({ min: 0, max: 3 }),
  podReplacementPolicy: fc.constantFrom('Failed' as const, 'TerminatingOrFailed' as const),
};
const jobSpec = fc.oneof(
  fc.record({ ...sizes, completions: fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined }) }),
  fc.record({
    ...sizes,
    completions: fc.integer({ min: 0, max: 6 }),
    completionMode: fc.constant('Indexed' as const),
    backoffLimitPerIndex: fc.option(fc.integer({ min: 0, max: 2 }), { nil: undefined }),
  }),
);
const endings = fc.array(fc.constantFrom('Succeeded' as const, 'Failed' as const), { minLength: 60, maxLength: 60 });

describe('a plan after its own effect is empty', () => {
  it('Job: at every stage, until it is over or wants no pods, each end counted once', () => {
    fc.assert(
      fc.property(jobSpec, endings, (spec, ends) => {
        const world = new JobWorld(spec);
        for (const phase of ends) {
          const requeueAfterMs = world.settle();
          expect(world.running().length).toBeLessThanOrEqual(spec.parallelism);
          if (isJobFinished(world.job)) break;
          const [pod] = world.running();
          if (pod) world.end(pod, phase);
          else if (requeueAfterMs === undefined) break;
          world.nowMs += requeueAfterMs ?? 1_000;
        }
        world.settle();
        const { status } = world.job;
        const isOver = isJobFinished(world.job);
        expect(world.pods.filter(isTracked).length).toBe(world.running().length);
        expect(isOver || spec.parallelism === 0).toBe(true);
        if (!isOver) return;
        expect(status?.failed ?? 0).toBe(world.ended.Failed);
        if (world.job.spec.completionMode !== 'Indexed') expect(status?.succeeded ?? 0).toBe(world.ended.Succeeded);
        else {
          const completed = parseIndexes(status?.completedIndexes, spec.completions ?? 0);
          expect(status?.succeeded ?? 0).toBe(completed.size);
          const well = world.pods.filter((one) => one.status?.phase === 'Succeeded');
          expect(new Set(well.map(({ metadata }) => Number(metadata.annotations?.[indexAnnotation])))).toEqual(
            completed,
          );
        }
      }),
      { numRuns: 300 },
    );
  });

  it('Job: suspended and resumed at any time', () => {
    fc.assert(
      fc.property(jobSpec, fc.array(fc.boolean(), { maxLength: 5 }), (spec, turns) => {
        const world = new JobWorld(spec);
        for (const suspend of turns) {
          world.job = { ...world.job, spec: { ...world.job.spec, suspend } };
          world.settle();
          if (isJobFinished(world.job)) return;
          if (suspend) expect(world.running()).toEqual([]);
          world.nowMs += 1_000;
        }
      }),
    );
  });

  it('CronJob: one Job for a scheduled time, histories within their limits', () => {
    const spec = fc.record({
      schedule: fc.constantFrom('* * * * *', '*/5 * * * *', '0 3 * * *', '30 2 29 2 *'),
      timeZone: fc.constantFrom(undefined, 'Asia/Shanghai', 'America/New_York'),
      concurrencyPolicy: fc.constantFrom('Allow' as const, 'Forbid' as const, 'Replace' as const),
      suspend: fc.boolean(),
      startingDeadlineSeconds: fc.constantFrom(undefined, 30, 600),
      successfulJobsHistoryLimit: fc.integer({ min: 0, max: 3 }),
      failedJobsHistoryLimit: fc.integer({ min: 0, max: 2 }),
    });
    const ending = fc.constantFrom('Complete', 'Failed', undefined);
    const rounds = fc.array(fc.record({ forMs: fc.integer({ min: 1, max: 4 * 3_600_000 }), ending }), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(spec, rounds, (given, steps) => {
        let cronJob: CronJob = {
          apiVersion: 'batch/v1',
          kind: 'CronJob',
          metadata: metaOf('cron'),
          spec: { ...given, jobTemplate: { spec: { template } } },
        };
        let jobs: Job[] = [];
        const started: string[] = [];
        let nowMs = startMs;
        const sync = (): boolean => {
          const plan = planCronJob(cronJob, jobs, nowMs);
          const gone = new Set([...plan.forget, ...plan.replace]);
          const changed = gone.size > 0 || plan.start !== undefined || !isSame(plan.status, cronJob.status ?? {});
          jobs = jobs.filter((job) => !gone.has(job));
          if (plan.start) {
            const name = plan.start.metadata.name ?? '';
            started.push(name);
            const status = { startTime: formatTime(nowMs) };
            jobs.push({ apiVersion: 'batch/v1', kind: 'Job', metadata: metaOf(name), spec: plan.start.spec, status });
          }
          cronJob = { ...cronJob, status: plan.status };
          return changed;
        };
        for (const { forMs, ending: type } of steps) {
          nowMs += forMs;
          if (type)
            jobs = jobs.map((job) => ({
              ...job,
              status: { ...job.status, conditions: job.status?.conditions ?? [{ type, status: 'True' }] },
            }));
          for (let step = 0; sync(); step++) expect(step).toBeLessThan(5);
          const over = jobs.filter(isJobFinished).map(({ status }) => status?.conditions?.[0]?.type);
          expect(over.filter((one) => one === 'Complete').length).toBeLessThanOrEqual(given.successfulJobsHistoryLimit);
          expect(over.filter((one) => one === 'Failed').length).toBeLessThanOrEqual(given.failedJobsHistoryLimit);
          if (given.concurrencyPolicy !== 'Allow')
            expect(jobs.filter((job) => !isJobFinished(job)).length).toBeLessThanOrEqual(1);
        }
        expect(new Set(started).size).toBe(started.length);
        if (given.suspend) expect(started).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
