import { describe, expect, it } from 'vitest';
import type { HorizontalPodAutoscaler } from '../../../api/kinds/autoscaling/index.ts';
import type { Pod } from '../../../api/kinds/core/index.ts';
import { makePod, metaOf, startMs } from '../testing/fixtures.ts';
import { createMemory, limitReplicas } from './behavior.ts';
import { replicasForAverage, replicasForUtilization } from './replica-count.ts';

const nowMs = startMs + 3_600_000;
const tolerance = { up: 0.1, down: 0.1 };

function pods(count: number, more: { pending?: number } = {}): Pod[] {
  return Array.from({ length: count }, (_, i) => {
    const pod = makePod(`p${i}`, { phase: i < (more.pending ?? 0) ? 'Pending' : 'Running' });
    pod.status = { ...pod.status, startTime: '2026-01-01T00:00:00Z' };
    return pod;
  });
}
const metrics = (...values: number[]) => ({
  values: new Map(values.map((value, i) => [`p${i}`, value])),
  atMs: nowMs,
  windowMs: 60_000,
});
const utilization = (all: Pod[], values: number[], target: number) =>
  replicasForUtilization(all, metrics(...values), () => 1000, target, all.length, true, tolerance, nowMs)?.replicas;

describe('the replicas that a metric asks for', () => {
  it.each<[string, Pod[], number[], number, number | undefined]>([
    ['grow in proportion to use', pods(3), [300, 500, 700], 30, 5],
    ['shrink in proportion', pods(5), [100, 300, 500, 250, 250], 50, 3],
    ['stay within the tolerance', pods(3), [1010, 1030, 1020], 100, 3],
    ['count pods without figures as idle when growing', pods(3), [950, 950], 50, 4],
    ['count them as used when shrinking', pods(3), [100, 100], 50, 3],
    ['leave pending pods out', pods(3, { pending: 1 }), [0, 300, 300], 50, 2],
    ['are unknown without any figure', pods(2), [], 50, undefined],
  ])('%s', (_title, all, values, target, expected) => {
    expect(utilization(all, values, target)).toBe(expected);
  });

  it('go by a mean value as well', () => {
    expect(
      replicasForAverage(pods(3), metrics(20_000, 10_000, 30_000), 15_000, 3, false, tolerance, nowMs)?.replicas,
    ).toBe(4);
  });
});

describe('the pace of an autoscaler', () => {
  const autoscaler = (behavior?: HorizontalPodAutoscaler['spec']['behavior']): HorizontalPodAutoscaler => ({
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: metaOf('web'),
    spec: {
      minReplicas: 2,
      maxReplicas: 40,
      scaleTargetRef: { kind: 'Deployment', name: 'web', apiVersion: 'apps/v1' },
      behavior,
    },
  });

  it.each([
    ['doubles, or adds four, at most', 3, 30, 7, 'ScaleUpLimit'],
    ['doubles when that is more', 10, 30, 20, 'ScaleUpLimit'],
    ['stays below its maximum', 30, 90, 40, 'TooManyReplicas'],
    ['stays above its minimum', 3, 0, 2, 'TooFewReplicas'],
    ['follows freely in between', 10, 12, 12, undefined],
  ])('%s', (_title, current, asked, expected, reason) => {
    expect(limitReplicas(autoscaler(), createMemory(), current, asked, nowMs)).toMatchObject({
      replicas: expected,
      ...(reason ? { reason } : {}),
    });
  });

  it('shrinks only when five minutes of recommendations agree', () => {
    const memory = createMemory();
    expect(limitReplicas(autoscaler(), memory, 10, 10, nowMs).replicas).toBe(10);
    expect(limitReplicas(autoscaler(), memory, 10, 4, nowMs + 60_000)).toMatchObject({
      replicas: 10,
      reason: 'ScaleDownStabilized',
    });
    expect(limitReplicas(autoscaler(), memory, 10, 4, nowMs + 301_000).replicas).toBe(4);
  });

  it('keeps to a policy of one pod a minute', () => {
    const slow = autoscaler({ scaleUp: { policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] } });
    const memory = createMemory();
    expect(limitReplicas(slow, memory, 5, 9, nowMs).replicas).toBe(6);
    memory.changes.push({ by: 1, atMs: nowMs });
    expect(limitReplicas(slow, memory, 6, 9, nowMs + 30_000).replicas).toBe(6);
    expect(limitReplicas(slow, memory, 6, 9, nowMs + 61_000).replicas).toBe(7);
  });
});
