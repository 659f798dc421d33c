// The files of the usage record: `full` ones hold an hour of every round, `coarse` ones a day of means.
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { listPackedFiles, packFile, trimFiles, type PackedFile, type RecordLimits } from '../packed-files.ts';

/** How fine. */
export type Grain = 'full' | 'coarse';

export interface GrainLimits extends RecordLimits {
  /** A file is full after so long. */
  readonly fileMs: number;
}

const hourMs = 3_600_000;
const namePattern = /^(?<grain>full|coarse)-(?<time>\d+)\.usage(?:\.gz)?$/;

/** At full rate for a day, coarser for thirty. */
export const usageLimits: Readonly<Record<Grain, GrainLimits>> = {
  full: { fileMs: hourMs, ageMs: 24 * hourMs, bytes: 256 * 1024 ** 2 },
  coarse: { fileMs: 24 * hourMs, ageMs: 30 * 24 * hourMs, bytes: 256 * 1024 ** 2 },
};

/** The files of a grain, oldest first. */
export async function listUsageFiles(folder: string, grain: Grain): Promise<readonly PackedFile[]> {
  const files = await listPackedFiles(folder, (name) => {
    const groups = namePattern.exec(name)?.groups;
    return groups?.['grain'] === grain ? { time: Number(groups['time']) } : undefined;
  });
  return files.toSorted((left, right) => left.time - right.time);
}

export interface UsageFileWriter {
  readonly time: number;
  append(bytes: Uint8Array): Promise<void>;
  /** Closes it and compresses it. */
  finish(): Promise<void>;
  close(): Promise<void>;
}

/** Begins a file. Only its owner may read it. */
export async function createUsageFile(folder: string, grain: Grain, time: number): Promise<UsageFileWriter> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${grain}-${time}.usage`);
  const file = await open(path, 'a', 0o600);
  return {
    time,
    append: (bytes) => file.appendFile(bytes),
    close: () => file.close(),
    async finish() {
      await file.close();
      await packFile(path);
    },
  };
}

/** Compresses what an earlier process left plain. */
export async function packLeftovers(folder: string): Promise<void> {
  for (const grain of ['full', 'coarse'] as const)
    for (const { path } of await listUsageFiles(folder, grain)) if (!path.endsWith('.gz')) await packFile(path);
}

/** Keeps a grain within its limits. */
export async function trimUsageFiles(folder: string, grain: Grain, limits: GrainLimits, nowMs: number): Promise<void> {
  await trimFiles(await listUsageFiles(folder, grain), limits, nowMs);
}
