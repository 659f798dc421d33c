// A backup as a file: a readable head, then a gzipped tar of everything needed to build the cluster's state again,
// encrypted. The head says what it is without opening it; it is authenticated with every chunk that follows.
//
//   PILOTHOUSE BACKUP 1\n   head as JSON\n   SHA-256 of that line, hex\n   chunks (cipher-stream.ts)
import { createHash, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { extract, pack } from 'tar-stream';
import { z } from 'zod';
import { decryptStream, encryptStream } from './cipher-stream.ts';
import { BackupError } from './errors.ts';
import { openDataKey, recoveryKeySchema, sealDataKey, unlockRecoveryKey } from './recovery-key.ts';
import type { RecoveryKey } from './recovery-key.ts';

const firstLine = 'PILOTHOUSE BACKUP 1\n';
const anyFirstLine = /^PILOTHOUSE BACKUP (\d+)\n/;
const longestHead = 65_536;

const headSchema = z.looseObject({
  cluster: z.string(),
  createdAt: z.string(),
  revision: z.number(),
  objects: z.number(),
  snapshotBytes: z.number(),
  etcdVersion: z.string(),
  recoveryKey: recoveryKeySchema,
  dataKey: z.strictObject({ sender: z.string(), sealed: z.string() }),
});

/** What a backup says of itself without being opened. */
export type BackupHead = z.infer<typeof headSchema>;

/** A file or text that goes into a backup. */
export type BackupContent = { readonly name: string } & ({ readonly path: string } | { readonly text: string });

export interface SealOptions {
  readonly about: Omit<BackupHead, 'recoveryKey' | 'dataKey'>;
  readonly recoveryKey: RecoveryKey;
  readonly contents: readonly BackupContent[];
  readonly signal?: AbortSignal;
}

/** How to open a backup: as its owner, or as whoever has just made it. */
export type BackupOpener = { readonly passphrase: string } | { readonly dataKey: Buffer };

/** Writes a backup, whole or absent. The data key is answered so that the very backup can be proved without passphrase. */
export async function sealBackup(
  target: string,
  options: SealOptions,
): Promise<{ readonly head: BackupHead; readonly dataKey: Buffer }> {
  const dataKey = randomBytes(32);
  const { recoveryKey, contents, signal } = options;
  const head = { ...options.about, recoveryKey, dataKey: sealDataKey(recoveryKey, dataKey) } as BackupHead;
  const line = `${JSON.stringify(head)}\n`;
  const digest = sha256(line);
  const unfinished = `${target}.unfinished`;
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  try {
    await writeFile(unfinished, `${firstLine}${line}${digest.toString('hex')}\n`, { mode: 0o600 });
    const archive = pack();
    const filling = fill(archive, contents, signal).catch((error: Error) => archive.destroy(error));
    const out = createWriteStream(unfinished, { flags: 'a', flush: true });
    await pipeline(archive, createGzip({ level: 4 }), encryptStream(dataKey, digest), out, { signal });
    await filling;
    await rename(unfinished, target);
  } finally {
    await rm(unfinished, { force: true });
  }
  return { head, dataKey };
}

async function fill(
  archive: ReturnType<typeof pack>,
  contents: readonly BackupContent[],
  signal?: AbortSignal,
): Promise<void> {
  for (const content of contents) {
    if ('text' in content) {
      archive.entry({ name: content.name, mode: 0o600 }, content.text);
    } else {
      const { size } = await stat(content.path);
      const entry = archive.entry({ name: content.name, mode: 0o600, size });
      await pipeline(createReadStream(content.path, { highWaterMark: 1 << 20 }), entry, { signal });
    }
  }
  archive.finalize();
}

interface ReadHead {
  readonly head: BackupHead;
  readonly digest: Buffer;
  readonly bodyAt: number;
}

/** Reads the head. Throws BackupError: not-a-backup, newer-format, damaged. */
export async function readBackupHead(path: string): Promise<BackupHead> {
  return (await readHead(path)).head;
}

async function readHead(path: string): Promise<ReadHead> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw new BackupError('absent', `there is no backup at ${path}`, cause);
  });
  let start: Buffer;
  try {
    const buffer = Buffer.alloc(longestHead);
    const { bytesRead } = await file.read(buffer, 0, longestHead, 0);
    start = buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
  const found = anyFirstLine.exec(start.subarray(0, 64).toString('latin1'));
  if (found === null) throw new BackupError('not-a-backup', `${path} is not a backup of Pilothouse`);
  if (found[0] !== firstLine)
    throw new BackupError('newer-format', `${path} was made by a newer version (format ${found[1]}); this one reads 1`);
  const lineEnd = start.indexOf('\n', firstLine.length) + 1;
  const bodyAt = lineEnd + 65;
  if (lineEnd === 0 || start.length < bodyAt) throw new BackupError('damaged', `the head of ${path} is cut`);
  const line = start.subarray(firstLine.length, lineEnd);
  const digest = sha256(line);
  if (start.subarray(lineEnd, bodyAt).toString('latin1') !== `${digest.toString('hex')}\n`)
    throw new BackupError('damaged', `the head of ${path} was changed`);
  const parsed = headSchema.safeParse(JSON.parse(line.toString('utf8')));
  if (!parsed.success)
    throw new BackupError('damaged', `the head of ${path} lacks ${parsed.error.issues[0]?.path.join('.')}`);
  return { head: parsed.data, digest, bodyAt };
}

/**
 * Opens a backup into `folder`: everything is verified before this resolves; on failure nothing stays in the folder.
 * Throws BackupError: not-a-backup, newer-format, wrong-passphrase, damaged.
 */
export async function openBackup(
  path: string,
  folder: string,
  opener: BackupOpener,
  signal?: AbortSignal,
): Promise<BackupHead> {
  const { head, digest, bodyAt } = await readHead(path);
  let dataKey: Buffer;
  if ('dataKey' in opener) dataKey = opener.dataKey;
  else {
    const privateKey: KeyObject = await unlockRecoveryKey(head.recoveryKey, opener.passphrase);
    dataKey = openDataKey(head.recoveryKey, privateKey, head.dataKey);
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    const source = createReadStream(path, { start: bodyAt, highWaterMark: 1 << 20 });
    await pipeline(source, decryptStream(dataKey, digest), createGunzip(), unpackInto(folder), { signal });
  } catch (cause) {
    await rm(folder, { recursive: true, force: true });
    signal?.throwIfAborted();
    if (cause instanceof BackupError) throw cause;
    throw new BackupError('damaged', `${path} cannot be unpacked: ${(cause as Error).message}`, cause);
  }
  return head;
}

function unpackInto(folder: string): ReturnType<typeof extract> {
  const extraction = extract();
  extraction.on('entry', ({ name, type }, stream, next) => {
    const path = normalize(name);
    if (type !== 'file' || path.startsWith('..') || path.startsWith('/'))
      return next(new BackupError('damaged', `the backup holds ${name}, which no backup of ours does`));
    const target = join(folder, path);
    mkdir(dirname(target), { recursive: true, mode: 0o700 })
      .then(() => pipeline(stream, createWriteStream(target, { mode: 0o600 })))
      .then(() => next(), next);
  });
  return extraction;
}

function sha256(data: string | Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}
