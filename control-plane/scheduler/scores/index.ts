// The scores of upstream's default profile with their weights, by the names of their plugins.
import { preferredPods } from './inter-pod-affinity.ts';
import { imageLocality, preferredNodes, preferredTaints } from './preferences.ts';
import { prioritizedDevices } from './prioritized-devices.ts';
import { balancedAllocation, leastAllocated } from './resources.ts';
import type { Score } from './score.ts';
import { spread } from './spread.ts';

export type { Score } from './score.ts';

export interface WeightedScore {
  readonly score: Score;
  readonly weight: number;
}

/** By the names that upstream's scheduler configuration has for its plugins. */
export const scoresByPlugin: Readonly<Record<string, WeightedScore>> = {
  TaintToleration: { score: preferredTaints, weight: 3 },
  NodeAffinity: { score: preferredNodes, weight: 2 },
  InterPodAffinity: { score: preferredPods, weight: 2 },
  ImageLocality: { score: imageLocality, weight: 1 },
  DynamicResources: { score: prioritizedDevices, weight: 2 },
  PodTopologySpread: { score: spread, weight: 2 },
  NodeResourcesFit: { score: leastAllocated, weight: 1 },
  NodeResourcesBalancedAllocation: { score: balancedAllocation, weight: 1 },
};
