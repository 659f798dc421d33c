// How full a node would be: least allocated (spread the load), most allocated (pack it), and balanced (CPU and memory
// used in the same measure). Pods without requests count with defaults, so that they too are spread.
import type { NodeInfo } from '../snapshot/node-info.ts';
import type { PodInfo } from '../snapshot/pod-info.ts';
import { maxScore } from './score.ts';
import type { Score } from './score.ts';

/** The share of a resource that is free (or used) with the pod on the node, in whole hundredths. */
function free(requested: number, allocatable: number): number {
  return allocatable <= 0 || requested > allocatable
    ? 0
    : Math.floor(((allocatable - requested) * maxScore) / allocatable);
}

function used(requested: number, allocatable: number): number {
  return allocatable <= 0 ? 0 : Math.floor((Math.min(requested, allocatable) * maxScore) / allocatable);
}

function averageOf(share: typeof free): Score['prepare'] {
  return ({ requests }: PodInfo) => ({
    score: ({ allocatable, scoredMilliCpu, scoredMemoryBytes }: NodeInfo) => {
      const cpu = share(scoredMilliCpu + requests.scoredMilliCpu, allocatable.milliCpu);
      const memory = share(scoredMemoryBytes + requests.scoredMemoryBytes, allocatable.memoryBytes);
      return Math.floor((cpu + memory) / 2);
    },
  });
}

export const leastAllocated: Score = { name: 'LeastAllocated', prepare: averageOf(free) };

export const mostAllocated: Score = { name: 'MostAllocated', prepare: averageOf(used) };

export const balancedAllocation: Score = {
  name: 'BalancedAllocation',
  prepare({ requests }) {
    if (requests.milliCpu === 0 && requests.memoryBytes === 0) return undefined;
    return {
      score({ allocatable, requested }) {
        if (allocatable.milliCpu <= 0 || allocatable.memoryBytes <= 0) return 0;
        const cpu = Math.min(1, (requested.milliCpu + requests.milliCpu) / allocatable.milliCpu);
        const memory = Math.min(1, (requested.memoryBytes + requests.memoryBytes) / allocatable.memoryBytes);
        return Math.floor((1 - Math.abs(cpu - memory) / 2) * maxScore);
      },
    };
  },
};
