// Where a backup of a cluster with an external etcd comes from: etcd's own client API, through a master, checked as the
// machines' snapshots are. Also a bare snapshot for the time before an upgrade.
import { type BackupSource, liveObjects } from '../../machinery/backup/index.ts';
import { saveSnapshot } from '../../machinery/etcd/index.ts';
import type { ClusterSpec, RunOptions } from '../contract.ts';
import type { EtcdSession } from '../external-etcd/session.ts';
import { clusterPaths } from '../paths.ts';
import { backupContents } from './contents.ts';

/** What `makeBackup` reads from. */
export function externalSource(session: EtcdSession, spec: ClusterSpec, { home }: RunOptions): BackupSource {
  const { client, endpoints, version } = session;
  return {
    cluster: spec.name,
    async snapshot(path, signal) {
      await saveSnapshot(client, endpoints, path, { signal });
      return { etcdVersion: version };
    },
    liveObjects: (revision, signal) => liveObjects(client, revision, signal),
    contents: () => Promise.resolve(backupContents(spec, clusterPaths(spec.name, home).pkiDir)),
  };
}
