import { describe, expect, it } from 'vitest';
import type { CronJob, Job } from '../../../api/kinds/batch/index.ts';
import { metaOf, startMs } from '../testing/fixtures.ts';
import { planCronJob } from './plan.ts';

const minuteMs = 60_000;

function makeCron(spec: Partial<CronJob['spec']> = {}, lastScheduleTime?: string): CronJob {
  const jobTemplate = {
    spec: {
      template: { metadata: {}, spec: { containers: [{ name: 'main', image: 'x' }], restartPolicy: 'Never' as const } },
    },
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: metaOf('cron', { creationTimestamp: '2026-01-01T00:00:00Z' }),
    spec: { schedule: '*/5 * * * *', jobTemplate, concurrencyPolicy: 'Allow', ...spec },
    status: { lastScheduleTime },
  };
}
function makeJob(name: string, ended?: 'Complete' | 'Failed', startedMs = startMs): Job {
  const conditions = ended ? [{ type: ended, status: 'True' }] : [];
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: metaOf(name),
    spec: makeCron().spec.jobTemplate.spec,
    status: { startTime: new Date(startedMs).toISOString(), conditions },
  };
}

describe('a CronJob', () => {
  it.each<[string, CronJob, number, string | undefined]>([
    ['is not due before its time', makeCron(), startMs + 4 * minuteMs, undefined],
    [
      'starts a Job named after the scheduled minute',
      makeCron(),
      startMs + 5 * minuteMs,
      `cron-${(startMs + 5 * minuteMs) / minuteMs}`,
    ],
    [
      'starts the latest of several missed times only',
      makeCron(),
      startMs + 17 * minuteMs,
      `cron-${(startMs + 15 * minuteMs) / minuteMs}`,
    ],
    [
      'starts the latest also when the next is less than a second away',
      makeCron({ schedule: '* * * * *' }),
      startMs + 300 * minuteMs - 1,
      `cron-${(startMs + 299 * minuteMs) / minuteMs}`,
    ],
    [
      'starts the latest when that is this very moment',
      makeCron({ schedule: '* * * * *' }),
      startMs + 300 * minuteMs,
      `cron-${(startMs + 300 * minuteMs) / minuteMs}`,
    ],
    ['does not start one time twice', makeCron({}, '2026-01-01T00:05:00Z'), startMs + 6 * minuteMs, undefined],
    [
      'misses a time that is past its starting deadline',
      makeCron({ startingDeadlineSeconds: 30 }),
      startMs + 7 * minuteMs,
      undefined,
    ],
    ['does nothing while suspended', makeCron({ suspend: true }), startMs + 7 * minuteMs, undefined],
    [
      'goes by its time zone',
      makeCron({ schedule: '0 9 * * *', timeZone: 'Asia/Shanghai' }),
      startMs + 61 * minuteMs,
      `cron-${(startMs + 60 * minuteMs) / minuteMs}`,
    ],
  ])('%s', (_title, cronJob, nowMs, expected) => {
    expect(planCronJob(cronJob, [], nowMs).start?.metadata.name).toBe(expected);
  });

  it('skips or replaces while a Job runs, as its concurrency policy says', () => {
    const at = startMs + 5 * minuteMs;
    const running = makeJob('old');
    expect(planCronJob(makeCron({ concurrencyPolicy: 'Forbid' }), [running], at)).toMatchObject({
      events: [{ reason: 'JobAlreadyActive' }],
    });
    expect(planCronJob(makeCron({ concurrencyPolicy: 'Replace' }), [running], at)).toMatchObject({
      replace: [running],
      start: {},
    });
    expect(planCronJob(makeCron(), [running], at).status.active).toHaveLength(1);
  });

  it('forgets finished Jobs beyond its limits, the oldest first', () => {
    const jobs = [1, 2, 3, 4, 5].map((n) => makeJob(`ok-${n}`, 'Complete', startMs + n * minuteMs));
    const failed = [1, 2].map((n) => makeJob(`bad-${n}`, 'Failed', startMs + n * minuteMs));
    const { forget } = planCronJob(makeCron({ suspend: true }), [...jobs, ...failed, makeJob('running')], startMs);
    expect(forget.map(({ metadata }) => metadata.name)).toEqual(['ok-2', 'ok-1', 'bad-1']);
  });

  it('says what is wrong with a schedule', () => {
    expect(planCronJob(makeCron({ schedule: 'soon' }), [], startMs).events).toMatchObject([
      { type: 'Warning', reason: 'UnparseableSchedule' },
    ]);
  });

  it('says when more was missed than anyone should catch up with, and starts the latest all the same', () => {
    const [few, many] = [99, 150].map((missed) =>
      planCronJob(makeCron({ schedule: '* * * * *' }), [], startMs + missed * minuteMs),
    );
    expect(few?.events).toEqual([]);
    expect(many?.events).toMatchObject([{ type: 'Warning', reason: 'TooManyMissedTimes' }]);
    expect(many?.start?.metadata.name).toBe(`cron-${(startMs + 150 * minuteMs) / minuteMs}`);
  });

  it.each([
    ['spring forward: a time that there is not comes when the gap ends', '30 2 * * *', '2026-03-08T07:00:00Z'],
    ['fall back: a time that there is twice comes once', '30 1 * * *', '2026-11-01T05:30:00Z'],
  ])('%s', (_title, schedule, expected) => {
    const day = Date.parse(expected.slice(0, 10));
    const starts = new Set<string>();
    let cron = makeCron({ schedule, timeZone: 'America/New_York' }, new Date(day).toISOString());
    for (let nowMs = day; nowMs < day + 24 * 3_600_000; nowMs += 10 * minuteMs) {
      const { start, status } = planCronJob(cron, [], nowMs);
      if (start) starts.add(status.lastScheduleTime ?? '');
      cron = { ...cron, status };
    }
    expect([...starts]).toEqual([expected]);
  });

  it('asks to be woken at the next time', () => {
    expect(planCronJob(makeCron(), [], startMs + 4 * minuteMs).requeueAfterMs).toBe(minuteMs + 100);
  });
});
