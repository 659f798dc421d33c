import { describe, expect, it } from 'vitest';
import type { Job } from '../../../api/kinds/batch/index.ts';
import type { Pod } from '../../../api/kinds/core/index.ts';
import type { PodOptions } from '../testing/fixtures.ts';
import { makePod, metaOf, startMs } from '../testing/fixtures.ts';
import { formatIndexes, parseIndexes } from './indexes.ts';
import { planJob } from './plan.ts';
import { indexAnnotation, jobPod, trackingFinalizer } from './pods.ts';
import { planTally } from './tally.ts';

const nowMs = startMs + 60_000;

function makeJob(spec: Partial<Job['spec']> = {}, status?: Job['status']): Job {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: metaOf('job'),
    spec: {
      parallelism: 1,
      completions: 1,
      backoffLimit: 6,
      template: { metadata: {}, spec: { containers: [{ name: 'main', image: 'x' }], restartPolicy: 'Never' } },
      ...spec,
    },
    status: { startTime: '2026-01-01T00:00:00Z', ...status },
  };
}
function jobsPod(
  name: string,
  phase: PodOptions['phase'],
  more: { index?: number; tracked?: boolean; exitCode?: number; deleting?: boolean } = {},
): Pod {
  const { index, tracked = true, exitCode } = more;
  const pod = makePod(name, {
    phase,
    ready: phase === 'Running',
    deleting: more.deleting,
    annotations: index === undefined ? undefined : { [indexAnnotation]: String(index) },
  });
  if (tracked) pod.metadata.finalizers = [trackingFinalizer];
  if (exitCode !== undefined)
    pod.status = {
      ...pod.status,
      containerStatuses: [
        {
          name: 'main',
          image: 'x',
          imageID: '',
          ready: false,
          restartCount: 0,
          state: { terminated: { exitCode, finishedAt: '2026-01-01T00:00:00Z' } },
        },
      ],
    };
  return pod;
}
const plan = (job: Job, pods: Pod[], at = nowMs) => planJob(job, pods, planTally(job, pods), at);
const conditionsOf = (job: Job, pods: Pod[], at = nowMs) =>
  plan(job, pods, at)
    .status.conditions?.filter(({ status }) => status === 'True')
    .map(({ type, reason }) => `${type}:${reason}`);

describe('a Job', () => {
  it.each<[string, Partial<Job['spec']>, Pod[], number]>([
    ['starts as many pods as run side by side', { parallelism: 3, completions: 5 }, [], 3],
    ['starts no more than are still to complete', { parallelism: 3, completions: 2 }, [jobsPod('a', 'Running')], 1],
    [
      'counts what has succeeded',
      { parallelism: 3, completions: 3 },
      [jobsPod('a', 'Succeeded'), jobsPod('b', 'Running')],
      1,
    ],
    ['replaces a failed pod after its backoff', {}, [jobsPod('a', 'Failed')], 1],
    [
      'starts none once one of a work queue has succeeded',
      { parallelism: 3, completions: undefined },
      [jobsPod('a', 'Succeeded'), jobsPod('b', 'Running')],
      0,
    ],
  ])('%s', (_title, spec, pods, expected) => {
    expect(plan(makeJob(spec), pods).create).toHaveLength(expected);
  });

  it('waits 10 s after a failure, and twice as long after the next', () => {
    const at = startMs + 5_000;
    expect(plan(makeJob(), [jobsPod('a', 'Failed')], at)).toMatchObject({ create: [], requeueAfterMs: 5_000 });
    expect(plan(makeJob(), [jobsPod('a', 'Failed'), jobsPod('b', 'Failed')], at)).toMatchObject({
      create: [],
      requeueAfterMs: 15_000,
    });
  });

  it('counts a pod once: first its uid, then, when the finalizer is gone, the number', () => {
    const job = makeJob();
    const first = planTally(job, [jobsPod('a', 'Succeeded')]);
    expect(first.status).toMatchObject({ succeeded: undefined, uncountedTerminatedPods: { succeeded: ['uid-a'] } });
    expect(first.release).toHaveLength(1);
    job.status = { uncountedTerminatedPods: { succeeded: ['uid-a'] } };
    expect(planTally(job, [jobsPod('a', 'Succeeded')]).status).toMatchObject({
      succeeded: undefined,
      uncountedTerminatedPods: { succeeded: ['uid-a'] },
    });
    const released = planTally(job, [jobsPod('a', 'Succeeded', { tracked: false })]);
    expect(released.status).toMatchObject({ succeeded: 1, uncountedTerminatedPods: {} });
    expect(
      planTally({ ...job, status: released.status }, [jobsPod('a', 'Succeeded', { tracked: false })]).status,
    ).toMatchObject({ succeeded: 1 });
  });

  it.each<[string, Partial<Job['spec']>, Job['status'], Pod[], string[] | undefined]>([
    [
      'has met its goal, but is complete only when all is counted',
      {},
      {},
      [jobsPod('a', 'Succeeded')],
      ['SuccessCriteriaMet:CompletionsReached'],
    ],
    [
      'completes',
      {},
      { uncountedTerminatedPods: { succeeded: ['uid-a'] } },
      [jobsPod('a', 'Succeeded', { tracked: false })],
      ['SuccessCriteriaMet:CompletionsReached', 'Complete:CompletionsReached'],
    ],
    [
      'fails beyond its backoff limit',
      { backoffLimit: 1 },
      { failed: 2 },
      [],
      ['FailureTarget:BackoffLimitExceeded', 'Failed:BackoffLimitExceeded'],
    ],
    [
      'fails after its deadline, first stopping what runs',
      { activeDeadlineSeconds: 30 },
      {},
      [jobsPod('a', 'Running')],
      ['FailureTarget:DeadlineExceeded'],
    ],
    [
      'fails by its pod failure policy',
      { podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }] } },
      {},
      [jobsPod('a', 'Failed', { exitCode: 42 })],
      ['FailureTarget:PodFailurePolicy'],
    ],
    ['is suspended', { suspend: true }, {}, [jobsPod('a', 'Running')], ['Suspended:JobSuspended']],
    [
      'succeeds by its success policy',
      { completionMode: 'Indexed', completions: 3, successPolicy: { rules: [{ succeededIndexes: '1' }] } },
      { completedIndexes: '1', succeeded: 1 },
      [],
      ['SuccessCriteriaMet:SuccessPolicy', 'Complete:SuccessPolicy'],
    ],
    [
      'fails when an index failed and all were tried',
      { completionMode: 'Indexed', completions: 2, backoffLimitPerIndex: 0 },
      { completedIndexes: '1', failedIndexes: '0', succeeded: 1 },
      [],
      ['FailureTarget:FailedIndexes', 'Failed:FailedIndexes'],
    ],
  ])('%s', (_title, spec, status, pods, expected) => {
    expect(conditionsOf(makeJob(spec, status), pods)).toEqual(expected);
  });

  it('ignores failures that its policy ignores', () => {
    const job = makeJob({
      backoffLimit: 0,
      podFailurePolicy: {
        rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
      },
    });
    const pod = jobsPod('a', 'Failed');
    pod.status = { ...pod.status, conditions: [{ type: 'DisruptionTarget', status: 'True' }] };
    expect(plan(job, [pod])).toMatchObject({ create: [{}], status: { failed: undefined } });
  });

  it('gives each missing index a pod, with the index in name, label, annotation and environment', () => {
    const job = makeJob({ completionMode: 'Indexed', completions: 4, parallelism: 2 });
    const { create } = plan(job, [jobsPod('a', 'Succeeded', { index: 0 }), jobsPod('b', 'Running', { index: 2 })]);
    expect(create).toEqual([{ index: 1, failures: 0 }]);
    const pod = jobPod(job, 1, 0);
    expect(pod.metadata).toMatchObject({
      generateName: 'job-1-',
      labels: { [indexAnnotation]: '1', 'batch.kubernetes.io/job-name': 'job' },
      annotations: { [indexAnnotation]: '1' },
    });
    expect(pod.spec).toMatchObject({ hostname: 'job-1', containers: [{ env: [{ name: 'JOB_COMPLETION_INDEX' }] }] });
  });
});

describe('index sets', () => {
  it.each([
    [[0, 1, 2, 5], '0-2,5'],
    [[3, 4], '3,4'],
    [[], ''],
    [[7], '7'],
  ])('%j is %s', (indexes, text) => {
    expect(formatIndexes(new Set(indexes))).toBe(text);
    expect([...parseIndexes(text, 10)]).toEqual(indexes);
  });
});
