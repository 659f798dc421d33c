// The whole way of a backup: snapshot, comparison with the live cluster at that very revision, sealing, storing, and the
// proof of the stored file by restoring it. A backup that cannot be proved is deleted again and the failure told; one that
// is proved may push out old ones. Nothing readable stays on disk afterwards, however it ends.
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkSnapshot, readDatabaseState } from '../etcd/snapshot/index.ts';
import type { ObjectDigest } from '../etcd/snapshot/index.ts';
import { sealBackup } from './archive.ts';
import type { BackupContent } from './archive.ts';
import { isBackupError } from './errors.ts';
import { expectSame, formatObjects, openAndCheck, proveOpened } from './prove.ts';
import type { BackupProof, Prover } from './prove.ts';
import type { RecoveryKey } from './recovery-key.ts';
import { backupName, deleteBackup, listBackups, planRetention, withdrawProof, writeProof } from './target.ts';
import type { BackupTarget, Retention, StoredBackup } from './target.ts';

/** What is backed up, however it is reached. */
export interface BackupSource {
  readonly cluster: string;
  /** Saves a consistent snapshot with etcd's hash at its end. */
  snapshot(path: string, signal?: AbortSignal): Promise<{ readonly etcdVersion: string }>;
  /** What the live cluster serves at a revision. */
  liveObjects(revision: number, signal?: AbortSignal): Promise<readonly ObjectDigest[]>;
  /** Further contents: cluster file, authorities. */
  contents(): Promise<readonly BackupContent[]>;
}

export type BackupStage = 'snapshot' | 'compare' | 'seal' | 'store' | 'prove' | 'retire';

export interface MakeBackupOptions {
  readonly source: BackupSource;
  readonly target: BackupTarget;
  readonly recoveryKey: RecoveryKey;
  readonly prover: Prover;
  /** Default: nothing is retired. */
  readonly keep?: Retention;
  /** A private folder for work in progress, made when missing. */
  readonly workDir: string;
  readonly now: () => number;
  readonly onStage?: (stage: BackupStage, detail: Readonly<Record<string, string | number>>) => void;
  readonly signal?: AbortSignal;
}

export interface MadeBackup {
  readonly backup: StoredBackup;
  readonly proof: BackupProof;
  readonly retired: readonly string[];
}

/** Makes, stores and proves a backup. Throws BackupError, EtcdClientError, or the signal's reason. */
export async function makeBackup(options: MakeBackupOptions): Promise<MadeBackup> {
  const { source, target, recoveryKey, prover, now, signal } = options;
  const stage = (name: BackupStage, detail: Readonly<Record<string, string | number>> = {}): void =>
    options.onStage?.(name, detail);
  await mkdir(options.workDir, { recursive: true, mode: 0o700 });
  const work = await mkdtemp(join(options.workDir, 'backup-'));
  try {
    stage('snapshot');
    const snapshot = join(work, 'snapshot.db');
    const { etcdVersion } = await source.snapshot(snapshot, signal);
    await checkSnapshot(snapshot);
    const state = await readDatabaseState(snapshot, signal);

    stage('compare', { objects: state.objects.length, revision: state.revision });
    expectSame(await source.liveObjects(state.revision, signal), state.objects, 'the snapshot');
    await writeFile(join(work, 'objects.ndjson'), formatObjects(state.objects), { mode: 0o600 });

    const createdAtMs = now();
    const snapshotBytes = (await stat(snapshot)).size;
    stage('seal', { bytes: snapshotBytes });
    const about = {
      cluster: source.cluster,
      createdAt: new Date(createdAtMs).toISOString(),
      revision: state.revision,
      objects: state.objects.length,
      snapshotBytes,
      etcdVersion,
    };
    const contents = [
      { name: 'objects.ndjson', path: join(work, 'objects.ndjson') },
      { name: 'snapshot.db', path: snapshot },
      ...(await source.contents()),
    ];
    const sealed = join(work, 'sealed');
    const { dataKey } = await sealBackup(sealed, { about, recoveryKey, contents, signal });
    await rm(snapshot);

    const name = backupName(source.cluster, createdAtMs, state.revision);
    const { size: bytes } = await stat(sealed);
    stage('store', { bytes, place: target.place });
    await target.put(name, sealed, signal);
    await rm(sealed);

    stage('prove', { name });
    let proof: BackupProof;
    try {
      proof = await proveStored({ target, name, opener: { dataKey }, prover, workDir: work, now, signal });
    } catch (error) {
      await deleteBackup(target, name).catch(() => undefined); // the first failure is the one to tell
      throw error;
    }
    const backup = { name, cluster: source.cluster, createdAtMs, revision: state.revision, bytes, proof };
    if (options.keep === undefined) return { backup, proof, retired: [] };
    stage('retire');
    const old = planRetention(await listBackups(target, source.cluster, signal), options.keep, now());
    for (const each of old) await deleteBackup(target, each.name, signal);
    return { backup, proof, retired: old.map((each) => each.name) };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

export interface ProveStoredOptions {
  readonly target: BackupTarget;
  readonly name: string;
  readonly opener: { readonly passphrase: string } | { readonly dataKey: Buffer };
  readonly prover: Prover;
  readonly workDir: string;
  readonly now: () => number;
  readonly signal?: AbortSignal;
}

/** Fetches a stored backup, proves it and keeps the proof beside it; a failed proof withdraws an earlier one. */
export async function proveStored(options: ProveStoredOptions): Promise<BackupProof> {
  const { target, name, opener, prover, now, signal } = options;
  await mkdir(options.workDir, { recursive: true, mode: 0o700 });
  const work = await mkdtemp(join(options.workDir, 'proof-'));
  try {
    const fetched = join(work, 'fetched');
    await target.get(name, fetched, signal);
    try {
      const opened = await openAndCheck(fetched, join(work, 'opened'), opener, signal);
      const proof = await proveOpened(opened, work, prover, { now, signal });
      await writeProof(target, name, proof, signal);
      return proof;
    } catch (error) {
      if (isBackupError(error, 'damaged') || isBackupError(error, 'differs'))
        await withdrawProof(target, name).catch(() => undefined);
      throw error;
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
