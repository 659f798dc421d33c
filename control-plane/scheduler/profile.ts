// Profiles: which filters must pass and how the nodes that fit are ranked. A pod picks one by its schedulerName.
import { defaultFilters } from './filters/index.ts';
import type { Filter } from './filters/index.ts';
import { scoresByPlugin } from './scores/index.ts';
import type { WeightedScore } from './scores/index.ts';
import { imageLocality, preferredNodes, preferredTaints } from './scores/preferences.ts';
import { prioritizedDevices } from './scores/prioritized-devices.ts';
import { preferredPods } from './scores/inter-pod-affinity.ts';
import { balancedAllocation, mostAllocated } from './scores/resources.ts';

export type { WeightedScore } from './scores/index.ts';

export interface Profile {
  /** The schedulerName that chooses it. */
  readonly schedulerName: string;
  readonly filters: readonly Filter[];
  readonly scores: readonly WeightedScore[];
  /** Of a large cluster, the share of nodes that must fit before the best is chosen; by the cluster's size when not set. */
  readonly percentageOfNodesToScore?: number;
}

const preferences: readonly WeightedScore[] = [
  { score: preferredTaints, weight: 3 },
  { score: preferredNodes, weight: 2 },
  { score: preferredPods, weight: 2 },
  { score: imageLocality, weight: 1 },
  { score: prioritizedDevices, weight: 2 },
];

/** Upstream's default: spread the load and the pods of one controller. */
export const defaultProfile: Profile = {
  schedulerName: 'default-scheduler',
  filters: defaultFilters,
  scores: Object.values(scoresByPlugin),
};

/** Dense packing: fill a node before the next one is touched. */
export const binPackProfile: Profile = {
  schedulerName: 'bin-pack',
  filters: defaultFilters,
  scores: [...preferences, { score: mostAllocated, weight: 5 }, { score: balancedAllocation, weight: 1 }],
};

export const defaultProfiles: readonly Profile[] = [defaultProfile, binPackProfile];

/** What a scheduler works by. */
export interface SchedulerConfiguration {
  readonly profiles: readonly Profile[];
  /** A pod that does not fit is tried again after this, and twice as late each time, up to the longest. */
  readonly firstBackoffMs: number;
  readonly longestBackoffMs: number;
}

/** What holds without a file. */
export const defaultConfiguration: SchedulerConfiguration = {
  profiles: defaultProfiles,
  firstBackoffMs: 1_000,
  longestBackoffMs: 10_000,
};
