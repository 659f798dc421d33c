// Profiles: which filters must pass and how the nodes that fit are ranked. A pod picks one by its schedulerName.
import { defaultFilters } from './filters/index.ts';
import type { Filter } from './filters/index.ts';
import { preferredPods } from './scores/inter-pod-affinity.ts';
import { imageLocality, preferredNodes, preferredTaints } from './scores/preferences.ts';
import { balancedAllocation, leastAllocated, mostAllocated } from './scores/resources.ts';
import type { Score } from './scores/score.ts';
import { spread } from './scores/spread.ts';

export interface WeightedScore {
  readonly score: Score;
  readonly weight: number;
}

export interface Profile {
  /** The schedulerName that chooses it. */
  readonly schedulerName: string;
  readonly filters: readonly Filter[];
  readonly scores: readonly WeightedScore[];
}

const preferences: readonly WeightedScore[] = [
  { score: preferredTaints, weight: 3 },
  { score: preferredNodes, weight: 2 },
  { score: preferredPods, weight: 2 },
  { score: imageLocality, weight: 1 },
];

/** Upstream's default: spread the load and the pods of one controller. */
export const defaultProfile: Profile = {
  schedulerName: 'default-scheduler',
  filters: defaultFilters,
  scores: [
    ...preferences,
    { score: spread, weight: 2 },
    { score: leastAllocated, weight: 1 },
    { score: balancedAllocation, weight: 1 },
  ],
};

/** Dense packing: fill a node before the next one is touched. */
export const binPackProfile: Profile = {
  schedulerName: 'bin-pack',
  filters: defaultFilters,
  scores: [...preferences, { score: mostAllocated, weight: 5 }, { score: balancedAllocation, weight: 1 }],
};

export const defaultProfiles: readonly Profile[] = [defaultProfile, binPackProfile];
