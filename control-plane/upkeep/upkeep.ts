// Everything that goes on with every console closed, on one master: it campaigns for the cluster-wide work, makes the
// backups that are due, and watches for what is worth an alert.
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { BackupError, liveObjects, localProver } from '../../machinery/backup/index.ts';
import type { BackupContent, BackupSource } from '../../machinery/backup/index.ts';
import type { Clock } from '../../machinery/clock.ts';
import { saveSnapshot } from '../../machinery/etcd/index.ts';
import type { EtcdClient } from '../../machinery/etcd/index.ts';
import { runLeaderElection } from '../../machinery/leader-election.ts';
import type { Logger } from '../../machinery/logger.ts';
import { pkiFiles } from '../../machinery/pki/index.ts';
import type { RestClient } from '../../machinery/rest-client.ts';
import { runAlerts } from './alerts/alerts.ts';
import { runScheduledBackups } from './backups.ts';
import { createClusterData } from './cluster-data.ts';

export interface UpkeepOptions {
  /** Values as they lie in etcd. */
  readonly etcd: EtcdClient;
  readonly client: RestClient;
  readonly identity: string;
  readonly pkiDir: string;
  readonly dataDir: string;
  /** The keys that values are sealed with; a backup without them could not be read. */
  readonly encryptionConfigFile?: string;
  /** What one master does for all. */
  readonly whileElected: (signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Where masters keep scheduled backups: beside the control plane's own data, where consoles look for them. */
const backupFolder = '/var/lib/pilothouse/backups';

/** Runs until the signal aborts. */
export async function runUpkeep(options: UpkeepOptions, signal: AbortSignal): Promise<void> {
  const { client, etcd, identity, clock, logger } = options;
  const data = createClusterData(client);
  const master = hostname();
  let isElected = false;
  const lead = async (term: AbortSignal): Promise<void> => {
    isElected = true;
    try {
      await options.whileElected(term);
    } finally {
      isElected = false;
    }
  };
  const common = { data, master, isElected: () => isElected, clock, logger, signal };
  const isProvisioned = options.dataDir.startsWith('/var/lib/pilothouse/');
  await Promise.all([
    runLeaderElection({ client, namespace: 'kube-system', name: 'pilothouse-upkeep', identity, lead, signal, logger }),
    runScheduledBackups({
      ...common,
      source: sourceOf(options),
      prover:
        localProver() ?? (() => Promise.reject(new BackupError('no-etcd', 'there is no etcd program to prove with'))),
      folder: isProvisioned ? backupFolder : join(options.dataDir, 'backups'),
      workDir: join(options.dataDir, 'backup-work'),
    }),
    runAlerts({ ...common, etcd, pkiDir: options.pkiDir }),
  ]);
}

function sourceOf({ etcd, pkiDir, encryptionConfigFile }: UpkeepOptions): Omit<BackupSource, 'cluster'> {
  return {
    async snapshot(path, signal) {
      const members = (await etcd.health()).filter(({ healthy }) => healthy);
      // A follower's snapshot leaves the leader to its work.
      const ordered = [...members].sort((a, b) => Number(a.leader) - Number(b.leader));
      await saveSnapshot(
        etcd,
        ordered.map(({ endpoint }) => endpoint),
        path,
        { signal },
      );
      return { etcdVersion: members[0]?.version ?? '' };
    },
    liveObjects: (revision, signal) => liveObjects(etcd, revision, signal),
    contents: () => Promise.resolve(contentsOf(pkiDir, encryptionConfigFile)),
  };
}

/** What a cluster's trust rests on, as far as this master holds it. */
function contentsOf(pkiDir: string, encryptionConfigFile: string | undefined): BackupContent[] {
  const { ca, etcdCa, frontProxyCa, serviceAccount } = pkiFiles;
  const files = [ca, etcdCa, frontProxyCa, serviceAccount].flatMap((pair) => Object.values(pair));
  const present = files.filter((file) => existsSync(join(pkiDir, file)));
  return [
    ...present.map((file) => ({ name: `pki/${file}`, path: join(pkiDir, file) })),
    ...(encryptionConfigFile === undefined ? [] : [{ name: 'encryption-config.yaml', path: encryptionConfigFile }]),
  ];
}
