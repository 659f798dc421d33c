import { describe, expect, it } from 'vitest';
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec } from '../../../api/kinds/autoscaling/index.ts';
import { replayAutoscaler, whyNotReplayed, type Load } from './replay.ts';

const autoscaler = (spec: Partial<HorizontalPodAutoscalerSpec> = {}): HorizontalPodAutoscaler =>
  ({
    spec: {
      minReplicas: 2,
      maxReplicas: 10,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
      ],
      ...spec,
    },
  }) as HorizontalPodAutoscaler;

/** One load every 15 s; the same pods all the while. */
const loadsOf = (...cpuMilli: number[]): Load[] =>
  cpuMilli.map((cpu, index) => ({ time: index * 15_000, cpuMilli: cpu, memoryBytes: 0, pods: 3 }));
const requests = { cpuMilli: 100 };
const sizes = (found: ReturnType<typeof replayAutoscaler>): number[] => found.map(({ replicas }) => replicas);
const flat = (count: number, cpu: number): number[] => Array.from({ length: count }, () => cpu);

describe('the replay of a load', () => {
  it('follows it up at once, at the speed of its policies and within its bounds', () => {
    // 3 pods at half of 100m carry 150m; 400m need 8, which is within 100 % or 4 more; 2,000m need more than there may be.
    const steps = replayAutoscaler(autoscaler(), loadsOf(150, 400, 400, 2000, 2000), requests);
    expect(sizes(steps)).toEqual([3, 7, 8, 10, 10]);
    expect(steps.map(({ heldBy }) => heldBy)).toEqual([
      undefined,
      'ScaleUpLimit',
      undefined,
      'TooManyReplicas',
      'TooManyReplicas',
    ]);
  });

  it('comes down after five quiet minutes, and never below its least', () => {
    const steps = replayAutoscaler(autoscaler(), loadsOf(400, ...flat(30, 10)), requests);
    const down = steps.findIndex(({ replicas }) => replicas === 2);
    expect(steps[1]).toMatchObject({ replicas: 7, heldBy: 'ScaleDownStabilized' });
    expect((steps[down]?.time ?? 0) / 1000).toBeGreaterThanOrEqual(300);
    expect(Math.min(...sizes(steps))).toBe(2);
  });

  it('takes a shorter window where one is proposed', () => {
    const behavior = { scaleDown: { stabilizationWindowSeconds: 0 } };
    expect(sizes(replayAutoscaler(autoscaler({ behavior }), loadsOf(400, 10, 10), requests))).toEqual([7, 2, 2]);
  });

  it('does nothing about what is within the tolerance', () => {
    expect(new Set(sizes(replayAutoscaler(autoscaler(), loadsOf(...flat(10, 160)), requests)))).toEqual(new Set([3]));
  });

  it('goes by a mean per pod where that is the target', () => {
    const target = { type: 'AverageValue', averageValue: '50m' };
    const metrics = [{ type: 'Resource', resource: { name: 'cpu', target } }];
    expect(sizes(replayAutoscaler(autoscaler({ metrics }), loadsOf(300, 300), {}))).toEqual([6, 6]);
  });

  it('says what it cannot replay', () => {
    const share = autoscaler().spec.metrics?.[0] ?? { type: '' };
    expect(whyNotReplayed(share, {})).toMatch(/asks for no cpu/);
    expect(whyNotReplayed({ type: 'External' }, requests)).toMatch(/not a metric of type External/);
    expect(replayAutoscaler(autoscaler(), loadsOf(1), {})).toEqual([]);
  });
});
