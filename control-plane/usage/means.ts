// The mean of several rounds. What was there in some of them only counts as nothing in the others, so that the sum of
// means is the mean of sums, pods that came and went included. Pure.
import { figureNames, type Figures } from './round.ts';

export interface Means {
  add(figures: ReadonlyMap<string, Figures>): void;
  /** The means so far. */
  take(): Map<string, Figures>;
}

/** Of no round yet. */
export function createMeans(): Means {
  const sums = new Map<string, number[]>();
  let rounds = 0;
  return {
    add(figures) {
      rounds++;
      for (const [series, own] of figures) {
        const sum = sums.get(series) ?? figureNames.map(() => Number.NaN);
        for (const [index, name] of figureNames.entries()) {
          const before = sum[index] ?? Number.NaN;
          if (!Number.isNaN(own[name])) sum[index] = (Number.isNaN(before) ? 0 : before) + own[name];
        }
        sums.set(series, sum);
      }
    },
    take() {
      const meanOf = (sum: readonly number[], index: number): number => (sum[index] ?? Number.NaN) / rounds;
      return new Map(
        [...sums].map(([series, sum]) => [
          series,
          {
            cpuMilli: meanOf(sum, 0),
            memoryBytes: meanOf(sum, 1),
            networkBytesPerSecond: meanOf(sum, 2),
            diskBytes: meanOf(sum, 3),
          },
        ]),
      );
    },
  };
}
