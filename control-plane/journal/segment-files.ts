// The files of a journal: one segment each, the newest as plain lines, full ones compressed; the oldest go when there is
// too much of them or they are too old. Only their owner may read them.
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { listPackedFiles, readPackedFile, trimFiles, type PackedFile, type RecordLimits } from '../packed-files.ts';

export interface SegmentFile extends PackedFile {
  readonly segment: number;
}

const openingSuffix = '.opening';
const namePattern = /^(?<segment>\d{8})-(?<time>\d+)\.jsonl(?<packed>\.gz)?$/;

/** Makes the folder and the key that Secrets' digests are made under. */
export async function openJournalFolder(folder: string): Promise<Uint8Array> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'key');
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const key = randomBytes(32);
    // Whole or not at all, also when the machine ends meanwhile: digests under half a key would tell a Secret.
    await writeFile(`${path}.new`, key, { mode: 0o600, flush: true });
    await rename(`${path}.new`, path);
    return key;
  }
}

/** The segments, oldest first. */
export async function listSegments(folder: string): Promise<readonly SegmentFile[]> {
  const files = await listPackedFiles(folder, (name) => {
    const { segment, time } = namePattern.exec(name)?.groups ?? {};
    return segment === undefined ? undefined : { segment: Number(segment), time: Number(time) };
  });
  return files.toSorted((left, right) => left.segment - right.segment);
}

export function segmentPath(folder: string, segment: number, time: number): string {
  return join(folder, `${String(segment).padStart(8, '0')}-${time}.jsonl`);
}

/** A segment's lines in order; a last line without its end is left out. */
export async function* readLines(path: string): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of readPackedFile(path)) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

/** Removes whole segments from the oldest on until the rest is within its limits. */
export async function trimSegments(folder: string, limits: RecordLimits, nowMs: number): Promise<void> {
  await trimFiles(await listSegments(folder), limits, nowMs);
}

export interface SegmentWriter {
  append(bytes: Uint8Array): Promise<void>;
  /** Its opening picture is whole: from here on readers see it. */
  publish(): Promise<void>;
  close(): Promise<void>;
}

/** A segment that readers do not see yet: half a picture would show objects as gone that are there. */
export async function createSegment(path: string): Promise<SegmentWriter> {
  const opening = path + openingSuffix;
  const file = await open(opening, 'w', 0o600);
  return {
    append: (bytes) => file.appendFile(bytes),
    publish: () => rename(opening, path),
    close: () => file.close(),
  };
}

/** Takes away what a process left that ended while it wrote a picture. */
export async function removeOpenings(folder: string): Promise<void> {
  for (const name of await readdir(folder)) if (name.endsWith(openingSuffix)) await rm(join(folder, name));
}
