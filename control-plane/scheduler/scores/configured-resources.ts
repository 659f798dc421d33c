// How full a node would be, as a scheduler configuration wants it measured: any resources with weights, filled evenly
// (LeastAllocated), packed (MostAllocated), or by a curve of its own (RequestedToCapacityRatio).
import type { NodeInfo } from '../snapshot/node-info.ts';
import type { PodInfo } from '../snapshot/pod-info.ts';
import { maxScore } from './score.ts';
import type { Score } from './score.ts';

export interface CurvePoint {
  /** Percent of the node's amount in use, the pod included. */
  readonly utilization: number;
  /** 0…10, as upstream's files write it. */
  readonly score: number;
}

export interface ScoringStrategy {
  readonly type: 'LeastAllocated' | 'MostAllocated' | 'RequestedToCapacityRatio';
  readonly resources: readonly { readonly name: string; readonly weight: number }[];
  /** For RequestedToCapacityRatio: by growing utilization. */
  readonly shape?: readonly CurvePoint[];
}

/** A score that follows a strategy. */
export function scoreBy(strategy: ScoringStrategy): Score {
  const { type, resources, shape = [] } = strategy;
  const valueOf = (requested: number, allocatable: number): number => {
    if (type === 'RequestedToCapacityRatio') {
      const percent = requested > allocatable ? 100 : (requested * 100) / allocatable;
      return (valueAt(shape, percent) * maxScore) / 10;
    }
    if (type === 'MostAllocated') return Math.floor((Math.min(requested, allocatable) * maxScore) / allocatable);
    return requested > allocatable ? 0 : Math.floor(((allocatable - requested) * maxScore) / allocatable);
  };
  return {
    name: type,
    prepare: (pod) => ({
      score(node) {
        let [sum, weights] = [0, 0];
        for (const { name, weight } of resources) {
          const { requested, allocatable } = amountsOf(name, pod, node);
          // A resource that a node lacks says nothing about it.
          if (allocatable <= 0) continue;
          sum += valueOf(requested, allocatable) * weight;
          weights += weight;
        }
        return weights === 0 ? 0 : Math.floor(sum / weights);
      },
    }),
  };
}

function amountsOf(
  resource: string,
  { requests }: PodInfo,
  { allocatable, requested, scoredMilliCpu, scoredMemoryBytes }: NodeInfo,
): { requested: number; allocatable: number } {
  switch (resource) {
    case 'cpu':
      return { requested: scoredMilliCpu + requests.scoredMilliCpu, allocatable: allocatable.milliCpu };
    case 'memory':
      return { requested: scoredMemoryBytes + requests.scoredMemoryBytes, allocatable: allocatable.memoryBytes };
    case 'ephemeral-storage':
      return { requested: requested.storageBytes + requests.storageBytes, allocatable: allocatable.storageBytes };
    default: {
      const amount = (from: ReadonlyMap<string, number> | undefined): number => from?.get(resource) ?? 0;
      return {
        requested: amount(requested.extended) + amount(requests.extended),
        allocatable: amount(allocatable.extended),
      };
    }
  }
}

/** The curve between its points; level before the first and after the last. */
function valueAt(shape: readonly CurvePoint[], percent: number): number {
  let before: CurvePoint | undefined;
  for (const point of shape) {
    if (percent <= point.utilization) {
      if (!before) return point.score;
      const part = (percent - before.utilization) / (point.utilization - before.utilization);
      return before.score + part * (point.score - before.score);
    }
    before = point;
  }
  return before?.score ?? 0;
}
