// The files of a journal: one segment each, the newest as plain lines, full ones compressed; the oldest go when there is
// too much of them or they are too old. Only their owner may read them.
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';

export interface SegmentFile {
  readonly segment: number;
  /** When it begins, in Unix ms. */
  readonly time: number;
  readonly path: string;
  readonly bytes: number;
}

export interface JournalLimits {
  /** All files together, in bytes. */
  readonly bytes: number;
  readonly ageMs: number;
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
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []; // nothing was written yet
    throw error;
  });
  const found = new Map<number, SegmentFile>();
  for (const name of names.toSorted()) {
    const { segment, time } = namePattern.exec(name)?.groups ?? {};
    if (segment === undefined) continue;
    const path = join(folder, name);
    const size = await stat(path).catch(() => undefined); // taken away meanwhile
    // While a segment is being packed both files are there; the plain one is whole.
    if (size !== undefined && !found.has(Number(segment)))
      found.set(Number(segment), { segment: Number(segment), time: Number(time), path, bytes: size.size });
  }
  return [...found.values()].sort((left, right) => left.segment - right.segment);
}

export function segmentPath(folder: string, segment: number, time: number): string {
  return join(folder, `${String(segment).padStart(8, '0')}-${time}.jsonl`);
}

/** The file of a segment; its packed one when it was packed since it was listed, none when it was taken away. */
async function openSegment(path: string): Promise<{ handle: FileHandle; isPacked: boolean } | undefined> {
  for (const name of path.endsWith('.gz') ? [path] : [path, `${path}.gz`]) {
    try {
      return { handle: await open(name), isPacked: name.endsWith('.gz') };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return undefined;
}

/** A segment's lines in order; a last line without its end is left out. */
export async function* readLines(path: string): AsyncGenerator<string> {
  const opened = await openSegment(path);
  if (opened === undefined) return;
  const file = opened.handle.createReadStream({ highWaterMark: 256 * 1024 });
  const source = opened.isPacked ? file.pipe(createGunzip()) : file;
  file.on('error', (error) => source.destroy(error));
  try {
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of source as AsyncIterable<Uint8Array>) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } finally {
    file.destroy();
  }
}

/** Compresses a full segment. */
export async function packSegment(path: string): Promise<void> {
  const packing = `${path}.packing`;
  await pipeline(createReadStream(path), createGzip({ level: 4 }), createWriteStream(packing, { mode: 0o600 }));
  await rename(packing, `${path}.gz`);
  await rm(path);
}

/** Removes whole segments from the oldest on until the rest is within its limits; the newest always stays. */
export async function trimSegments(folder: string, limits: JournalLimits, nowMs: number): Promise<void> {
  const segments = await listSegments(folder);
  let bytes = segments.reduce((sum, one) => sum + one.bytes, 0);
  for (const [index, one] of segments.entries()) {
    const next = segments[index + 1];
    // A segment is as old as its last moment, which is where the next one begins.
    if (next === undefined || (bytes <= limits.bytes && nowMs - next.time <= limits.ageMs)) return;
    await rm(one.path, { force: true });
    bytes -= one.bytes;
  }
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
