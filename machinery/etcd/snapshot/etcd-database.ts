// What an etcd database file holds, read without etcd: its revision and every object as it was at that moment.
// A snapshot carries etcd's own SHA-256 at its end; `checkSnapshot` refuses one that does not match.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { BoltError } from './bolt-format.ts';
import { openBolt } from './bolt-reader.ts';
import { readRevision, readStoredKeyValue } from './key-value.ts';

/** One object, told apart from any other state of it: enough to compare without keeping its content. */
export interface ObjectDigest {
  readonly key: string;
  readonly createRevision: number;
  readonly modRevision: number;
  /** SHA-256 of the value, hex. */
  readonly sha256: string;
}

/** All objects of a database at its last revision, ordered by key. */
export interface DatabaseState {
  readonly revision: number;
  readonly objects: readonly ObjectDigest[];
}

/** How etcd appends the hash: the file is whole pages, then 32 bytes. */
const hashBytes = 32;

/** Verifies the hash that etcd puts at the end of a snapshot. Throws BoltError when bytes are missing or changed. */
export async function checkSnapshot(path: string): Promise<void> {
  const { size } = await stat(path);
  if (size % 512 !== hashBytes)
    throw new BoltError('the snapshot does not end with its hash: it is cut, or no snapshot');
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { end: size - hashBytes - 1, highWaterMark: 1 << 20 }))
    hash.update(chunk as Buffer);
  const file = await open(path, 'r');
  try {
    const expected = Buffer.alloc(hashBytes);
    await file.read(expected, 0, hashBytes, size - hashBytes);
    if (!hash.digest().equals(expected)) throw new BoltError('the snapshot differs from its own hash: it is damaged');
  } finally {
    await file.close();
  }
}

/** Reads the state from a database or snapshot file. Throws BoltError when it is damaged. */
export async function readDatabaseState(path: string, signal?: AbortSignal): Promise<DatabaseState> {
  const file = await openBolt(path);
  try {
    const objects = new Map<string, ObjectDigest>();
    let revision = 0;
    for await (const entry of file.entries('key')) {
      signal?.throwIfAborted();
      const at = readRevision(entry.key);
      if (at.main < revision) throw new BoltError('revisions are out of order');
      revision = at.main;
      const stored = readStoredKeyValue(entry.value);
      const key = stored.key.toString('utf8');
      if (at.isDeletion) objects.delete(key);
      else objects.set(key, digest(key, stored));
    }
    for await (const { key, value } of file.entries('meta'))
      if (key.toString() === 'finishedCompactRev') revision = Math.max(revision, readRevision(value).main);
    if (!(await file.bucketNames()).includes('key')) throw new BoltError('the file has no keys: it is not etcd’s');
    return { revision, objects: [...objects.values()].sort(byKey) };
  } finally {
    await file.close();
  }
}

/** The digest of one object from its parts. */
export function digest(
  key: string,
  object: Pick<ObjectDigest, 'createRevision' | 'modRevision'> & { readonly value: Buffer },
): ObjectDigest {
  const { createRevision, modRevision, value } = object;
  return { key, createRevision, modRevision, sha256: createHash('sha256').update(value).digest('hex') };
}

/** The order that states are kept in: by code units, which any language can repeat. */
export function byKey(a: { readonly key: string }, b: { readonly key: string }): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

/** The first few differences between two states, as sentences; none when they are equal. */
export function differences(expected: readonly ObjectDigest[], found: readonly ObjectDigest[], most = 5): string[] {
  const sentences: string[] = [];
  const byName = new Map(found.map((object) => [object.key, object]));
  for (const object of expected) {
    if (sentences.length >= most) return sentences;
    const other = byName.get(object.key);
    byName.delete(object.key);
    if (other === undefined) sentences.push(`${object.key} is missing`);
    else if (other.modRevision !== object.modRevision)
      sentences.push(`${object.key} is of revision ${other.modRevision}, not ${object.modRevision}`);
    else if (other.sha256 !== object.sha256 || other.createRevision !== object.createRevision)
      sentences.push(`${object.key} has another content at revision ${object.modRevision}`);
  }
  for (const key of byName.keys()) {
    if (sentences.length >= most) break;
    sentences.push(`${key} should not be there`);
  }
  return sentences;
}
