// How long agents may trust what they cached, by the size of the cluster: the more nodes ask, the longer. Pure; upstream's
// steps, which overlap so that a cluster at an edge does not swing.

export const ttlAnnotation = 'node.alpha.kubernetes.io/ttl';

interface Step {
  readonly ttlSeconds: number;
  /** The step is left downwards at this many nodes and upwards above `most`. */
  readonly fewest: number;
  readonly most: number;
}

const steps: readonly Step[] = [
  { fewest: 0, most: 100, ttlSeconds: 0 },
  { fewest: 90, most: 500, ttlSeconds: 15 },
  { fewest: 450, most: 1000, ttlSeconds: 30 },
  { fewest: 900, most: 2000, ttlSeconds: 60 },
  { fewest: 1800, most: Infinity, ttlSeconds: 300 },
];

/** The step that a cluster of so many nodes is on, having been on `before`. */
export function nextTtlStep(before: number, nodes: number): number {
  let step = Math.min(Math.max(before, 0), steps.length - 1);
  while (nodes > (steps[step]?.most ?? Infinity)) step++;
  while (step > 0 && nodes < (steps[step]?.fewest ?? 0)) step--;
  return step;
}

/** The seconds of a step. */
export function ttlSecondsOf(step: number): number {
  return steps[step]?.ttlSeconds ?? 0;
}
