// What a score is: prepared once for a pod and the nodes that fit, then asked about each; the figures of all nodes are
// then brought to 0…100 and weighted.
import type { NodeInfo } from '../snapshot/node-info.ts';
import type { PodInfo } from '../snapshot/pod-info.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';

export const maxScore = 100;

export interface PreparedScore {
  score(node: NodeInfo): number;
  /** Brings raw figures to 0…100 in place; absent when they already are. */
  normalize?(figures: Float64Array): void;
}

export interface Score {
  readonly name: string;
  /** Undefined when this score makes no difference between nodes for the pod. */
  prepare(pod: PodInfo, snapshot: Snapshot, nodes: readonly NodeInfo[]): PreparedScore | undefined;
}

/** Scales so that the largest figure becomes 100; `reverse` turns it round, so that the smallest is best. */
export function scaleToLargest(figures: Float64Array, reverse: boolean): void {
  let largest = 0;
  for (const figure of figures) largest = Math.max(largest, figure);
  for (let i = 0; i < figures.length; i++) {
    const scaled = largest === 0 ? 0 : Math.floor(((figures[i] ?? 0) * maxScore) / largest);
    figures[i] = reverse ? maxScore - scaled : scaled;
  }
}

/** Spreads figures over 0…100 between the smallest and the largest. */
export function scaleBetween(figures: Float64Array): void {
  let smallest = Infinity;
  let largest = -Infinity;
  for (const figure of figures) {
    smallest = Math.min(smallest, figure);
    largest = Math.max(largest, figure);
  }
  const range = largest - smallest;
  for (let i = 0; i < figures.length; i++) {
    figures[i] = range > 0 ? Math.floor((maxScore * ((figures[i] ?? 0) - smallest)) / range) : 0;
  }
}
