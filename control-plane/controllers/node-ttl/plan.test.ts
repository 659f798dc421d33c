import { expect, it } from 'vitest';
import { nextTtlStep, ttlSecondsOf } from './plan.ts';

it('grows with the cluster, and does not swing at an edge', () => {
  const seconds = (before: number, nodes: number): number => ttlSecondsOf(nextTtlStep(before, nodes));
  expect([1, 100, 101, 600, 1_500, 5_000].map((nodes) => seconds(0, nodes))).toEqual([0, 0, 15, 30, 60, 300]);
  const step = nextTtlStep(0, 101);
  expect([100, 95, 90, 89].map((nodes) => ttlSecondsOf(nextTtlStep(step, nodes)))).toEqual([15, 15, 15, 0]);
});
