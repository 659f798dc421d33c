// Proves that a backup can be restored: the stored file is opened, its snapshot restored as a cluster would be, a
// throw-away etcd run on it, and every object that this etcd serves compared with what was backed up.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { BoltError, byKey, checkSnapshot, differences, restoreDatabase } from '../etcd/snapshot/index.ts';
import type { DatabaseState, ObjectDigest } from '../etcd/snapshot/index.ts';
import { openBackup } from './archive.ts';
import type { BackupHead, BackupOpener } from './archive.ts';
import { BackupError } from './errors.ts';
import { proofScript } from './proof-script.ts';

/** What a throw-away etcd served. */
export interface ServedState extends DatabaseState {
  readonly etcdVersion: string;
}

/** Runs a throw-away etcd on the database `db` and answers what it serves; `folder` is its own and empty. */
export type Prover = (db: string, folder: string, signal?: AbortSignal) => Promise<ServedState>;

/** A proof of one backup, kept beside it. */
export interface BackupProof {
  /** RFC 3339. */
  readonly provedAt: string;
  readonly revision: number;
  readonly objects: number;
  readonly etcdVersion: string;
  readonly elapsedMs: number;
}

/** What a backup holds, opened and verified, before anything is done with it. */
export interface OpenedBackup {
  readonly head: BackupHead;
  readonly folder: string;
  readonly snapshot: string;
  readonly objects: readonly ObjectDigest[];
}

/** Opens a backup into `folder` and checks the snapshot against its hash and its list of objects. */
export async function openAndCheck(
  path: string,
  folder: string,
  opener: BackupOpener,
  signal?: AbortSignal,
): Promise<OpenedBackup> {
  const head = await openBackup(path, folder, opener, signal);
  const snapshot = join(folder, 'snapshot.db');
  try {
    await checkSnapshot(snapshot);
    const objects = parseObjects(await readFile(join(folder, 'objects.ndjson'), 'utf8'));
    if (objects.length !== head.objects)
      throw new BackupError('damaged', `the backup lists ${objects.length} objects, its head says ${head.objects}`);
    return { head, folder, snapshot, objects };
  } catch (cause) {
    if (cause instanceof BackupError) throw cause;
    if (cause instanceof BoltError || cause instanceof SyntaxError)
      throw new BackupError('damaged', `the backup is damaged: ${cause.message}`, cause);
    throw cause;
  }
}

/** Proves an opened backup. Throws BackupError: damaged, differs, no-etcd. */
export async function proveOpened(
  opened: OpenedBackup,
  workDir: string,
  prover: Prover,
  options: { readonly now: () => number; readonly signal?: AbortSignal },
): Promise<BackupProof> {
  const startedAt = options.now();
  const db = join(workDir, 'restored.db');
  try {
    const restored = await restoreDatabase(opened.snapshot, db, 0, options.signal);
    expectSame(opened.objects, restored.objects, 'the snapshot');
    const served = await prover(db, join(workDir, 'etcd'), options.signal);
    expectSame(opened.objects, served.objects, 'the restored etcd');
    if (served.revision !== opened.head.revision)
      throw new BackupError('differs', `the restored etcd is at ${served.revision}, not ${opened.head.revision}`);
    const at = options.now();
    return {
      provedAt: new Date(at).toISOString(),
      revision: served.revision,
      objects: served.objects.length,
      etcdVersion: served.etcdVersion,
      elapsedMs: at - startedAt,
    };
  } catch (cause) {
    if (cause instanceof BoltError)
      throw new BackupError('damaged', `the snapshot is damaged: ${cause.message}`, cause);
    throw cause;
  }
}

/** Throws BackupError `differs` with the first differences. */
export function expectSame(expected: readonly ObjectDigest[], found: readonly ObjectDigest[], where: string): void {
  const found5 = differences(expected, found);
  if (found5.length > 0)
    throw new BackupError('differs', `${where} does not hold what was backed up: ${found5.join('; ')}`);
}

/** The list of objects as it is kept in a backup: one JSON object a line. */
export function formatObjects(objects: readonly ObjectDigest[]): string {
  return objects.map((object) => `${JSON.stringify(object)}\n`).join('');
}

export function parseObjects(text: string): ObjectDigest[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as ObjectDigest);
}

/** A prover on this computer with the given etcd program; undefined when there is none. */
export function localProver(etcdProgram: string | undefined = findEtcd()): Prover | undefined {
  if (etcdProgram === undefined) return undefined;
  return async (db, folder, signal) => {
    const home = join(folder, 'data/member/snap');
    await mkdir(home, { recursive: true, mode: 0o700 });
    await rename(db, join(home, 'db'));
    const child = spawn(process.execPath, ['--input-type=module', '-', etcdProgram, folder], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      signal,
    });
    let words = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (words = (words + text).slice(-4000)));
    child.stdin.on('error', () => undefined).end(proofScript);
    const ended = new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    const state = readServedState(child.stdout);
    state.catch(() => undefined);
    const code = await ended;
    signal?.throwIfAborted();
    if (code !== 0) throw new BackupError('differs', words.trim() || `the throw-away etcd ended with ${String(code)}`);
    return state;
  };
}

/** Reads what the proof script prints. Throws BackupError `differs` when it did not come to its end. */
export async function readServedState(output: Readable | string): Promise<ServedState> {
  const objects: ObjectDigest[] = [];
  let head: { revision: number; version: string } | undefined;
  let end: number | undefined;
  const lines = createInterface({ input: typeof output === 'string' ? Readable.from([output]) : output });
  for await (const line of lines) {
    if (line === '') continue;
    const value = JSON.parse(line) as Partial<ObjectDigest> & { revision?: number; version?: unknown; end?: number };
    if (value.end !== undefined) end = value.end;
    else if (value.revision !== undefined) head = { revision: value.revision, version: String(value.version) };
    else objects.push(value as ObjectDigest);
  }
  if (head === undefined || end !== objects.length)
    throw new BackupError('differs', `the throw-away etcd did not serve everything: ${objects.length} objects came`);
  return { revision: head.revision, etcdVersion: head.version, objects: objects.sort(byKey) };
}

function findEtcd(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(':').concat('/usr/sbin', '/usr/bin', '/usr/local/bin');
  return folders.map((folder) => join(folder, 'etcd')).find((path) => existsSync(path));
}
