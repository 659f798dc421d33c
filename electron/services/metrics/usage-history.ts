// What machines and pods used lately: rings of samples by key, bounded in length and in number. Pure.
import type { UsageSample } from '../../../api/console/index.ts';

export interface UsageHistory {
  /** Adds one round of samples; keys that are not in it are forgotten. */
  add(at: number, round: ReadonlyMap<string, readonly [cpuMilli: number, memoryBytes: number]>): void;
  of(key: string): readonly UsageSample[];
  keys(): IterableIterator<string>;
}

/** An empty history of `length` samples for at most `mostKeys` keys. */
export function createUsageHistory(length: number, mostKeys: number): UsageHistory {
  let rings = new Map<string, UsageSample[]>();
  return {
    add(at, round) {
      const next = new Map<string, UsageSample[]>();
      for (const [key, [cpuMilli, memoryBytes]] of round) {
        if (next.size >= mostKeys) break;
        const ring = rings.get(key) ?? [];
        // An answer that the cluster kept is not a new sample.
        if (ring.at(-1)?.[0] !== at) ring.push([at, cpuMilli, memoryBytes]);
        if (ring.length > length) ring.shift();
        next.set(key, ring);
      }
      rings = next;
    },
    of: (key) => rings.get(key) ?? [],
    keys: () => rings.keys(),
  };
}
