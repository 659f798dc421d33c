// The backup before a change of versions. With a passphrase it is a whole, encrypted and proved one at the place asked
// for; without, etcd's own snapshot on the first master that answers, readable by root there as etcd's data are. Of an external
// etcd it comes by way of this computer, which keeps nothing of it.
import { join } from 'node:path';
import { createBackup, inWorkFolder } from '../backup/backups.ts';
import { snapshotOnMachine } from '../backup/etcd-on-machine.ts';
import { machineBackupFolder } from '../backup/machine-target.ts';
import type { BackupPlace } from '../backup/place.ts';
import { saveSnapshot } from '../../machinery/etcd/index.ts';
import { systemClock } from '../../machinery/clock.ts';
import type { ClusterSpec, RunOptions } from '../contract.ts';
import { readEtcdCredentials } from '../external-etcd/credentials.ts';
import { withEtcdThrough } from '../external-etcd/session.ts';
import { externalEtcdOf } from '../external-etcd/settings.ts';
import { text } from '../messages/text.ts';
import { reported } from '../nodes/cluster-session.ts';
import { mastersOf } from '../plan/plan-cluster.ts';
import type { SshTransport } from '../transport/ssh.ts';
import { withMachine } from '../transport/with-machine.ts';

/** `none` must be asked for. */
export type UpgradeBackup = 'snapshot' | 'none' | { readonly place: BackupPlace; readonly passphrase: string };

/** Makes the backup; resolves with where it lies, undefined when none was wanted. Throws when it cannot be made. */
export async function backUpFirst(
  spec: ClusterSpec,
  backup: UpgradeBackup | undefined,
  options: RunOptions,
): Promise<string | undefined> {
  if (backup === 'none') return undefined;
  if (typeof backup === 'object') return (await createBackup(spec, { ...options, ...backup })).backup.name;
  const day = new Date(systemClock.now()).toISOString().replaceAll(/[:.]/g, '-');
  const path = `${machineBackupFolder}/before-upgrade-${day}.db`;
  let last: unknown;
  for (const master of mastersOf(spec)) {
    try {
      await reported(options, 'backup', master.name, text('step.backup'), () =>
        withMachine(spec, master, options, async (transport) => {
          await transport.run(`umask 077; mkdir -p ${machineBackupFolder}`);
          await snapshotTo(spec, transport, path, options);
        }),
      );
      return `${master.name}:${path}`;
    } catch (error) {
      options.signal?.throwIfAborted();
      last = error; // another master holds the same data
    }
  }
  throw last;
}

async function snapshotTo(
  spec: ClusterSpec,
  master: SshTransport,
  path: string,
  { signal }: RunOptions,
): Promise<void> {
  const external = externalEtcdOf(spec);
  if (external === undefined) {
    await snapshotOnMachine(master, path, signal);
    return;
  }
  const credentials = await readEtcdCredentials(external);
  await inWorkFolder(async (folder) => {
    const file = join(folder, 'snapshot.db');
    await withEtcdThrough(master, external, credentials, ({ client, endpoints }) =>
      saveSnapshot(client, endpoints, file, { signal }),
    );
    await master.upload(file, path, { mode: 0o600, signal });
  });
}
