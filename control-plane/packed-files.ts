// Records that grow for ever and must not: files in order of time, the newest plain and growing, older ones compressed, the
// oldest removed. What the journal of changes and the record of usage share.
import { createReadStream, createWriteStream } from 'node:fs';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';

export interface PackedFile {
  /** When it begins, in Unix ms. */
  readonly time: number;
  readonly path: string;
  readonly bytes: number;
}

/** Of all files of a record together. */
export interface RecordLimits {
  readonly bytes: number;
  readonly ageMs: number;
}

/** The files whose names say what they are, whole ones only; `read` answers with undefined for names of others. */
export async function listPackedFiles<T extends { readonly time: number }>(
  folder: string,
  read: (name: string) => T | undefined,
): Promise<readonly (T & PackedFile)[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []; // nothing was written yet
    throw error;
  });
  const found = new Map<string, T & PackedFile>();
  for (const name of names.toSorted()) {
    const known = read(name);
    if (known === undefined) continue;
    const path = join(folder, name);
    const size = await stat(path).catch(() => undefined); // taken away meanwhile
    // While a file is being compressed both are there; the plain one, which sorts first, is whole.
    const plain = path.replace(/\.gz$/, '');
    if (size !== undefined && !found.has(plain)) found.set(plain, { ...known, path, bytes: size.size });
  }
  return [...found.values()];
}

/** Compresses a full file. */
export async function packFile(path: string): Promise<void> {
  const packing = `${path}.packing`;
  await pipeline(createReadStream(path), createGzip({ level: 4 }), createWriteStream(packing, { mode: 0o600 }));
  await rename(packing, `${path}.gz`);
  await rm(path);
}

/** A file's bytes: its compressed ones when it was compressed since it was listed, none when it was taken away. */
export async function* readPackedFile(path: string): AsyncGenerator<Uint8Array> {
  for (const name of path.endsWith('.gz') ? [path] : [path, `${path}.gz`]) {
    const handle = await open(name).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (handle === undefined) continue;
    const file = handle.createReadStream({ highWaterMark: 256 * 1024 });
    const source = name.endsWith('.gz') ? file.pipe(createGunzip()) : file;
    file.on('error', (error) => source.destroy(error));
    try {
      yield* source as AsyncIterable<Uint8Array>;
    } finally {
      file.destroy();
    }
    return;
  }
}

/** Removes whole files, oldest first, until the rest is within its limits; the newest always stays. */
export async function trimFiles(files: readonly PackedFile[], limits: RecordLimits, nowMs: number): Promise<void> {
  let bytes = files.reduce((sum, one) => sum + one.bytes, 0);
  for (const [index, one] of files.entries()) {
    const next = files[index + 1];
    // A file is as old as its last moment, which is where the next one begins.
    if (next === undefined || (bytes <= limits.bytes && nowMs - next.time <= limits.ageMs)) return;
    await rm(one.path, { force: true });
    bytes -= one.bytes;
  }
}
