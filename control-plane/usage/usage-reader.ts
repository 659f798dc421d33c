// Answers what was used in a span of time, in as many points as are wanted. Recent time comes from every round, older time
// from the means.
import pLimit from 'p-limit';
import { readPackedFile, type PackedFile } from '../packed-files.ts';
import { sumRounds, type Summed } from './round.ts';
import { listUsageFiles, usageLimits } from './usage-files.ts';

export interface UsageQuestion {
  isWanted(series: string): boolean;
  /** Unix ms. */
  readonly from: number;
  readonly to: number;
  readonly points: number;
}

export interface UsageReader {
  /** Points in order of time; times of which nothing is known have none. A point's time is that of its middle. */
  read(question: UsageQuestion): Promise<readonly Summed[]>;
}

/** Of the record in a folder; questions wait for each other. */
export function createUsageReader(folder: string): UsageReader {
  const oneAtATime = pLimit(1);
  return { read: (question) => oneAtATime(() => read(folder, question)) };
}

async function read(folder: string, { isWanted, from, to, points }: UsageQuestion): Promise<readonly Summed[]> {
  const isLong = to - from > usageLimits.full.ageMs;
  const full = isLong ? [] : await listUsageFiles(folder, 'full');
  const fullFrom = full[0]?.time ?? Number.POSITIVE_INFINITY;
  const coarse = from < fullFrom ? await listUsageFiles(folder, 'coarse') : [];
  const buckets = createBuckets(from, to, points);
  const take = async (files: readonly PackedFile[], begin: number, end: number): Promise<void> => {
    for (const [index, { path, time }] of files.entries()) {
      const next = files[index + 1]?.time ?? Number.POSITIVE_INFINITY;
      if (time > end || next < begin) continue;
      for await (const round of sumRounds(readPackedFile(path), isWanted))
        if (round.time >= begin && round.time <= end) buckets.add(round);
    }
  };
  await take(coarse, from, Math.min(to, fullFrom));
  await take(full, from, to);
  return buckets.points();
}

interface Buckets {
  add(round: Summed): void;
  points(): readonly Summed[];
}

function createBuckets(from: number, to: number, count: number): Buckets {
  const widthMs = Math.max(1, (to - from) / count);
  const found = new Map<number, Summed[]>();
  return {
    add(round) {
      const index = Math.min(count - 1, Math.floor((round.time - from) / widthMs));
      const rounds = found.get(index);
      if (rounds === undefined) found.set(index, [round]);
      else rounds.push(round);
    },
    points: () =>
      [...found]
        .toSorted(([left], [right]) => left - right)
        .map(([index, rounds]) => ({ ...meanOf(rounds), time: Math.round(from + (index + 0.5) * widthMs) })),
  };
}

function meanOf(rounds: readonly Summed[]): Omit<Summed, 'time'> {
  const mean = (pick: (round: Summed) => number): number => {
    const known = rounds.map(pick).filter((value) => !Number.isNaN(value));
    return known.length === 0 ? Number.NaN : known.reduce((sum, value) => sum + value, 0) / known.length;
  };
  return {
    series: mean(({ series }) => series),
    cpuMilli: mean(({ cpuMilli }) => cpuMilli),
    memoryBytes: mean(({ memoryBytes }) => memoryBytes),
    networkBytesPerSecond: mean(({ networkBytesPerSecond }) => networkBytesPerSecond),
    diskBytes: mean(({ diskBytes }) => diskBytes),
  };
}
