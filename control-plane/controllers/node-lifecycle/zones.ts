// How fast nodes of a zone may be declared lost, so that a cut network does not evict a whole cluster (upstream's zone
// states). Each zone has a rate; a node that falls silent waits until its zone's rate lets its pods be evicted.
import type { Node } from '../../../api/kinds/core/index.ts';

export interface EvictionRates {
  /** Nodes a second in a healthy or small zone. */
  normalPerSecond: number;
  /** Nodes a second in a large zone that is partly down. */
  partialPerSecond: number;
  /** The share of lost nodes from which a zone counts as partly down. */
  partialThreshold: number;
  /** Zones of more nodes are large; small ones that are partly down evict nothing. */
  largeZoneNodes: number;
}

export const upstreamRates: EvictionRates = {
  normalPerSecond: 0.1,
  partialPerSecond: 0.01,
  partialThreshold: 0.55,
  largeZoneNodes: 50,
};

export type ZoneState = 'Normal' | 'PartialDisruption' | 'FullDisruption';

export function zoneOf(node: Readonly<Node>): string {
  const labels = node.metadata.labels ?? {};
  return `${labels['topology.kubernetes.io/region'] ?? ''}/${labels['topology.kubernetes.io/zone'] ?? ''}`;
}

export function zoneState(ready: number, lost: number, rates: EvictionRates): ZoneState {
  if (ready === 0 && lost > 0) return 'FullDisruption';
  if (lost > 2 && lost / (ready + lost) >= rates.partialThreshold) return 'PartialDisruption';
  return 'Normal';
}

export interface ZoneRates {
  /** Every zone is fully down: the fault is likely ours, so nobody is evicted, and evictions under way are called off. */
  readonly isAllDown: boolean;
  /** Nodes a second that each zone may lose now. */
  readonly perSecond: ReadonlyMap<string, number>;
}

/** How fast each zone may lose nodes. */
export function planZoneRates(
  zones: ReadonlyMap<string, { ready: number; lost: number }>,
  rates: EvictionRates,
): ZoneRates {
  const states = [...zones].map(([zone, { ready, lost }]) => ({
    zone,
    state: zoneState(ready, lost, rates),
    size: ready + lost,
  }));
  const isAllDown = states.length > 0 && states.every(({ state }) => state === 'FullDisruption');
  const perSecond = new Map(
    states.map(({ zone, state, size }) => {
      if (isAllDown) return [zone, 0];
      if (state !== 'PartialDisruption') return [zone, rates.normalPerSecond];
      return [zone, size > rates.largeZoneNodes ? rates.partialPerSecond : 0];
    }),
  );
  return { isAllDown, perSecond };
}

export interface ZoneLimiter {
  /** Whether one more node of the zone may be declared lost now; takes the turn if so. */
  tryTake(zone: string, perSecond: number, nowMs: number): boolean;
}

/** One node at once per zone, then at the zone's rate. */
export function createZoneLimiter(): ZoneLimiter {
  const lastMs = new Map<string, number>();
  return {
    tryTake(zone, perSecond, nowMs) {
      if (perSecond <= 0) return false;
      const last = lastMs.get(zone);
      if (last !== undefined && nowMs - last < 1000 / perSecond) return false;
      lastMs.set(zone, nowMs);
      return true;
    },
  };
}
