// Backups on demand, from the console's computer: made over SSH from any master that works, kept wherever the administrator
// says, each proved before it is called good. What the schedule makes is listed, proved and deleted by the same calls.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../machinery/clock.ts';
import {
  type BackupProof,
  type BackupSource,
  type BackupStage,
  type BackupTarget,
  deleteBackup as deleteStored,
  listBackups as listStored,
  localProver,
  type MadeBackup,
  makeBackup,
  type Prover,
  proveStored,
  type Retention,
  type StoredBackup,
} from '../../machinery/backup/index.ts';
import type { ClusterSpec, ProgressEvent, RunOptions } from '../contract.ts';
import { withExternalEtcd } from '../external-etcd/session.ts';
import { externalEtcdOf } from '../external-etcd/settings.ts';
import { ProvisioningError } from '../errors.ts';
import { type MessageKey, text } from '../messages/text.ts';
import { clusterPaths } from '../paths.ts';
import { openMasters, type OpenMaster, type OpenMasters } from '../recovery/masters.ts';
import { createStages } from '../run/stages.ts';
import { backupContents } from './contents.ts';
import { etcdStatus, objectsOnMachine, snapshotOnMachine } from './etcd-on-machine.ts';
import { fetchFile } from './fetch-file.ts';
import { externalSource } from './external-source.ts';
import { ensureRecoveryKey } from './key-file.ts';
import { machineProver } from './machine-prover.ts';
import { type BackupPlace, openPlace } from './place.ts';
import { translated } from './translate.ts';

export interface BackupOptions extends RunOptions {
  readonly place: BackupPlace;
}

export interface CreateBackupOptions extends BackupOptions {
  readonly passphrase: string;
  readonly keep?: Retention;
}

/** Makes, stores and proves a backup. Throws ProvisioningError with the reason and the next step. */
export async function createBackup(spec: ClusterSpec, options: CreateBackupOptions): Promise<MadeBackup> {
  return translated(async () => {
    const recoveryKey = await ensureRecoveryKey(spec.name, options.passphrase, { home: options.home });
    return withMasters(spec, options, async (masters) => {
      const external = externalEtcdOf(spec);
      const master = external === undefined ? await workingMaster(masters, options.signal) : masters.open[0];
      if (master === undefined) throw new Error('openMasters resolved without a master');
      const withSource = <T>(work: (source: BackupSource) => Promise<T>): Promise<T> =>
        external === undefined
          ? work(sourceOn(master, spec, options))
          : withExternalEtcd(spec, external, options, (session) => work(externalSource(session, spec, options)));
      const target = openPlace(options.place, spec, masters.open);
      const reporter = createStageReporter(options.onProgress);
      const made = await inWorkFolder((workDir) =>
        withSource((source) =>
          makeBackup({
            source,
            target,
            recoveryKey,
            prover: localProver() ?? machineProver(master.transport),
            keep: options.keep,
            workDir,
            now: () => systemClock.now(),
            onStage: reporter.begin,
            signal: options.signal,
          }),
        ),
      ).catch((error: unknown) => {
        reporter.end('failed');
        throw error;
      });
      reporter.end('done');
      return made;
    });
  });
}

/** Backups of the cluster at a place, newest first. */
export function listBackups(spec: ClusterSpec, options: BackupOptions): Promise<StoredBackup[]> {
  return translated(() => withPlace(spec, options, (target) => listStored(target, spec.name, options.signal)));
}

/** Proves a stored backup again, from the passphrase on. */
export function proveBackup(
  spec: ClusterSpec,
  name: string,
  options: BackupOptions & { readonly passphrase: string },
): Promise<BackupProof> {
  return translated(() =>
    withPlace(spec, options, async (target, masters) => {
      const prover = await proverFor(spec, masters, options);
      const stages = createStages(options.onProgress, 'backup');
      try {
        return await stages.run('prove', text('backup.prove'), () =>
          inWorkFolder((workDir) =>
            proveStored({
              target,
              name,
              opener: { passphrase: options.passphrase },
              prover: prover.prove,
              workDir,
              now: () => systemClock.now(),
              signal: options.signal,
            }),
          ),
        );
      } finally {
        prover.close();
      }
    }),
  );
}

/** Deletes a backup and its proof. */
export function deleteBackup(spec: ClusterSpec, name: string, options: BackupOptions): Promise<void> {
  return translated(() => withPlace(spec, options, (target) => deleteStored(target, name, options.signal)));
}

/** Opens the place, and the masters only when the place is on one of them. */
export async function withPlace<T>(
  spec: ClusterSpec,
  options: BackupOptions,
  work: (target: BackupTarget, masters: readonly OpenMaster[]) => Promise<T>,
): Promise<T> {
  if (options.place.kind !== 'machine') return work(openPlace(options.place, spec, []), []);
  return withMasters(spec, options, ({ open }) => work(openPlace(options.place, spec, open), open));
}

async function withMasters<T>(
  spec: ClusterSpec,
  options: RunOptions,
  work: (masters: OpenMasters) => Promise<T>,
): Promise<T> {
  const stages = createStages(options.onProgress, 'backup');
  const masters = await stages.run('connect', text('backup.connect'), () => openMasters(spec, options));
  try {
    return await work(masters);
  } finally {
    masters.close();
  }
}

/** The first master whose etcd has a leader. */
async function workingMaster(masters: OpenMasters, signal?: AbortSignal): Promise<OpenMaster> {
  const reasons = masters.lost.map(({ machine, reason }) => `${machine.name}: ${reason}`);
  for (const master of masters.open) {
    try {
      if ((await etcdStatus(master.transport, signal)).hasLeader) return master;
      reasons.push(`${master.machine.name}: no leader`);
    } catch (error) {
      signal?.throwIfAborted();
      reasons.push(`${master.machine.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new ProvisioningError(
    'NoEtcdMember',
    text('error.noEtcdMember', { reasons: reasons.join('; ') }),
    text('error.noEtcdMember.remedy'),
  );
}

function sourceOn({ transport }: OpenMaster, spec: ClusterSpec, options: RunOptions): BackupSource {
  return {
    cluster: spec.name,
    async snapshot(path, signal) {
      const { version } = await etcdStatus(transport, signal);
      const folder = (
        await transport.run('mkdir -p -m 755 /var/lib/pilothouse && mktemp -d /var/lib/pilothouse/snapshot-XXXXXX')
      ).trim();
      try {
        await snapshotOnMachine(transport, `${folder}/db`, signal);
        await fetchFile(transport, `${folder}/db`, path, { signal });
      } finally {
        await transport.run(`rm -rf ${folder}`).catch(() => undefined); // the connection may be gone
      }
      return { etcdVersion: version };
    },
    liveObjects: (revision, signal) => objectsOnMachine(transport, revision, signal),
    contents: () => Promise.resolve(backupContents(spec, clusterPaths(spec.name, options.home).pkiDir)),
  };
}

async function proverFor(
  spec: ClusterSpec,
  open: readonly OpenMaster[],
  options: RunOptions,
): Promise<{ prove: Prover; close(): void }> {
  const local = localProver();
  if (local !== undefined) return { prove: local, close: () => undefined };
  const [first] = open;
  if (first !== undefined) return { prove: machineProver(first.transport), close: () => undefined };
  const masters = await openMasters(spec, options);
  const [master] = masters.open;
  if (master === undefined) throw new Error('openMasters resolved without a master');
  return { prove: machineProver(master.transport), close: () => masters.close() };
}

/** A private folder of this computer that is gone afterwards. */
export async function inWorkFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'pilothouse-backup-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Turns stages, which say only when they begin, into progress: each ends the one before. */
function createStageReporter(onProgress: ((event: ProgressEvent) => void) | undefined): {
  begin(stage: BackupStage): void;
  end(state: 'done' | 'failed'): void;
} {
  let open: { readonly stage: BackupStage; readonly began: number } | undefined;
  const emit = (state: ProgressEvent['state']): void => {
    if (open === undefined) return;
    const title = text(`backup.${open.stage}` as MessageKey);
    onProgress?.({ step: `backup/${open.stage}`, state, title, elapsedMs: systemClock.now() - open.began });
  };
  return {
    begin(stage) {
      emit('done');
      open = { stage, began: systemClock.now() };
      emit('running');
    },
    end: emit,
  };
}
