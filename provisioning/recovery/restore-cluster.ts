// Restore of a whole cluster from a backup. Everything that can be wrong with the backup is found before a machine is
// touched; the former data is set aside on every master and comes back by `undoRestore`. The new etcd counts on from a
// revision that no client has seen, and is a cluster of its own, so that nothing of the lost one can mix in.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { openAndCheck } from '../../machinery/backup/index.ts';
import { restoreDatabase } from '../../machinery/etcd/snapshot/index.ts';
import { adoptAuthorities } from '../backup/contents.ts';
import { inWorkFolder, withPlace } from '../backup/backups.ts';
import type { BackupPlace } from '../backup/place.ts';
import { translated } from '../backup/translate.ts';
import type { ClusterSpec, ProvisionOptions, RunOptions, RunResult } from '../contract.ts';
import { requireOwnEtcd } from '../external-etcd/own.ts';
import { ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';
import { clusterPaths } from '../paths.ts';
import { planCluster } from '../plan/plan-cluster.ts';
import { waitForApi } from '../run/api.ts';
import { runPlan } from '../run/run-plan.ts';
import { waitForCluster } from '../run/wait-for-cluster.ts';
import { createStages, type Stages } from '../run/stages.ts';
import { unitLogOf } from '../steps/unit.ts';
import {
  placeDatabase,
  putBack,
  setAside,
  startControlPlane,
  startEtcd,
  stopMaster,
  writeFounding,
} from './etcd-data.ts';
import { openMasters, type OpenMaster, type OpenMasters } from './masters.ts';
import { reachableSpec } from './reachable.ts';

export interface RestoreOptions extends ProvisionOptions {
  readonly place: BackupPlace;
  /** The backup's file name at the place. */
  readonly name: string;
  readonly passphrase: string;
  /** Masters that are off for good; any other master that cannot be reached is a reason to refuse. */
  readonly lost?: readonly string[];
}

export interface RestoreResult {
  readonly ok: boolean;
  readonly backup: string;
  readonly objects: number;
  /** The revision of the backup, and the one that the cluster counts on from. */
  readonly revision: number;
  readonly startRevision: number;
  readonly masters: readonly string[];
  readonly lost: readonly string[];
  /** How the machines were told which masters are left; absent when all are. */
  readonly followed?: RunResult;
}

/** Restores the cluster. Throws ProvisioningError `ExternalEtcd`, `Backup/…`, `OtherCluster`, `MasterUnreachable` before anything is touched. */
export function restoreCluster(spec: ClusterSpec, options: RestoreOptions): Promise<RestoreResult> {
  return translated(() => inWorkFolder((work) => restore(spec, options, work)));
}

async function restore(spec: ClusterSpec, options: RestoreOptions, work: string): Promise<RestoreResult> {
  requireOwnEtcd(spec);
  const { signal, name } = options;
  const stages = createStages(options.onProgress, 'restore');
  const fetched = join(work, 'fetched');
  await stages.run('fetch', text('backup.fetch'), () =>
    withPlace(spec, options, (target) => target.get(name, fetched, signal)),
  );
  const opened = await stages.run('open', text('backup.open'), () =>
    openAndCheck(fetched, join(work, 'opened'), { passphrase: options.passphrase }, signal),
  );
  if (opened.head.cluster !== spec.name) {
    const values = { found: opened.head.cluster, cluster: spec.name };
    const remedy = text('error.backup.otherCluster.remedy', values);
    throw new ProvisioningError('OtherCluster', text('error.backup.otherCluster', values), remedy);
  }
  const database = join(work, 'restored.db');
  const restored = await stages.run('prepare', text('restore.prepare'), () =>
    restoreDatabase(opened.snapshot, database, undefined, signal),
  );
  await adoptAuthorities(opened.folder, clusterPaths(spec.name, options.home).pkiDir);

  // The same backup gives the same mark: a run that was cut is gone on with, another backup begins anew.
  const mark = createHash('sha256')
    .update(await readFile(join(opened.folder, 'objects.ndjson')))
    .update(name)
    .digest('hex')
    .slice(0, 12);
  const masters = await stages.run('connect', text('backup.connect'), () =>
    openMasters(spec, { ...options, lock: true }),
  );
  try {
    refuseUnknownAbsence(masters, options.lost ?? []);
    await replaceState(spec, masters.open, { database, mark, signal, stages, home: options.home });
  } finally {
    masters.close();
  }
  const followed = await stages.run('nodes', text('restore.nodes'), () => follow(spec, masters, options));
  return {
    ok: followed?.ok ?? true,
    backup: name,
    objects: restored.objects.length,
    revision: restored.revision,
    startRevision: restored.startRevision,
    masters: masters.open.map(({ machine }) => machine.name),
    lost: masters.lost.map(({ machine }) => machine.name),
    followed,
  };
}

/** Machines learn where the masters are only when some are lost; what else the plan would change waits for its own run. */
async function follow(
  spec: ClusterSpec,
  masters: OpenMasters,
  options: RestoreOptions,
): Promise<RunResult | undefined> {
  const reachable = await reachableSpec(spec, options);
  if (masters.lost.length > 0) return runPlan(planCluster(reachable), reachable, options);
  await waitForCluster(reachable, options);
  return undefined;
}

interface Replacing {
  readonly database: string;
  readonly mark: string;
  readonly signal?: AbortSignal;
  readonly stages: Stages;
  readonly home?: string;
}

async function replaceState(
  spec: ClusterSpec,
  open: readonly OpenMaster[],
  { database, mark, signal, stages, home }: Replacing,
): Promise<void> {
  const onAll = (work: (master: OpenMaster) => Promise<void>): Promise<unknown> => Promise.all(open.map(work));
  await stages.run('stop', text('restore.stop'), () => onAll(({ transport }) => stopMaster(transport, signal)));
  await stages.run('place', text('restore.place'), () =>
    onAll(async ({ transport }) => {
      await setAside(transport, mark, signal);
      await placeDatabase(transport, database, signal);
      await writeFounding(
        transport,
        spec,
        open.map(({ machine }) => machine),
        mark,
        signal,
      );
    }),
  );
  await stages.run('start', text('restore.start'), () => onAll(({ transport }) => startEtcd(transport, signal)));
  await startApis(spec, open, stages, signal, home);
}

async function startApis(
  spec: ClusterSpec,
  open: readonly OpenMaster[],
  stages: Stages,
  signal: AbortSignal | undefined,
  home: string | undefined,
): Promise<void> {
  const cluster = { spec, paths: clusterPaths(spec.name, home) };
  await stages.run('api', text('restore.api'), () =>
    Promise.all(
      open.map(async ({ machine, transport }) => {
        await startControlPlane(transport, signal);
        await waitForApi(cluster, machine, {
          signal: signal ?? new AbortController().signal,
          timeoutMs: 180_000,
          log: () => unitLogOf(transport, 'pilothouse-control-plane'),
        });
      }),
    ),
  );
}

/** A master that only cannot be reached may go on serving the old state to whoever reaches it. */
function refuseUnknownAbsence(masters: OpenMasters, lost: readonly string[]): void {
  const unknown = masters.lost.map(({ machine }) => machine.name).filter((name) => !lost.includes(name));
  if (unknown.length === 0) return;
  const values = { machines: unknown.join(',') };
  throw new ProvisioningError(
    'MasterUnreachable',
    text('error.restore.unreachable', values),
    text('error.restore.unreachable.remedy', values),
  );
}

/** Puts back what the last restore or recovery set aside, on every master, and starts it. */
export async function undoRestore(
  spec: ClusterSpec,
  options: RunOptions = {},
): Promise<{ readonly masters: readonly string[] }> {
  requireOwnEtcd(spec);
  const { signal } = options;
  const stages = createStages(options.onProgress, 'restore');
  const masters = await stages.run('connect', text('backup.connect'), () =>
    openMasters(spec, { ...options, lock: true }),
  );
  try {
    const kept = await Promise.all(
      masters.open.map(
        async ({ transport }) => (await transport.exec('ls -d /var/lib/pilothouse/etcd.before-*')).code === 0,
      ),
    );
    const undoable = masters.open.filter((_, index) => kept[index]);
    if (undoable.length === 0) {
      const values = { machines: masters.open.map(({ machine }) => machine.name).join(', ') };
      const remedy = text('error.restore.nothingToUndo.remedy');
      throw new ProvisioningError('NothingToUndo', text('error.restore.nothingToUndo', values), remedy);
    }
    await stages.run('undo', text('restore.undo'), async () => {
      await Promise.all(masters.open.map(({ transport }) => stopMaster(transport, signal)));
      await Promise.all(undoable.map(({ transport }) => putBack(transport, signal)));
      await Promise.all(undoable.map(({ transport }) => startEtcd(transport, signal)));
    });
    await startApis(spec, undoable, stages, signal, options.home);
    return { masters: undoable.map(({ machine }) => machine.name) };
  } finally {
    masters.close();
  }
}
