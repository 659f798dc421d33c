// Where provisioning keeps things on the console's computer. `$PILOTHOUSE_HOME/clusters/<id>/` is shared with the
// console: it reads `kubeconfig` and `cluster.yaml`; the rest is ours.
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The console's state directory: the argument, `$PILOTHOUSE_HOME`, or `~/.pilothouse`. */
export function homeDir(home?: string): string {
  return home ?? process.env['PILOTHOUSE_HOME'] ?? join(homedir(), '.pilothouse');
}

/** What can be made again at any time: the argument, `$PILOTHOUSE_CACHE`, or `~/.cache/pilothouse`. */
export function cacheDir(cache?: string): string {
  return cache ?? process.env['PILOTHOUSE_CACHE'] ?? join(homedir(), '.cache', 'pilothouse');
}

/** The files of one cluster. */
export interface ClusterPaths {
  readonly dir: string;
  readonly clusterFile: string;
  readonly kubeconfig: string;
  readonly knownHosts: string;
  readonly pkiDir: string;
  /** Mirrors of the journals that live on the machines, one file per machine. */
  readonly journalDir: string;
  /** The record of every command run on the machines. */
  readonly auditLog: string;
  /** Credentials of the machines, encrypted with a passphrase. */
  readonly sealedCredentials: string;
  /** Holds the path of the file of virtual machines that the cluster's machines were made from. */
  readonly machinesFile: string;
}

/** The paths of cluster `id` under the console's home; nothing is created. */
export function clusterPaths(id: string, home?: string): ClusterPaths {
  const dir = join(homeDir(home), 'clusters', id);
  return {
    dir,
    clusterFile: join(dir, 'cluster.yaml'),
    kubeconfig: join(dir, 'kubeconfig'),
    knownHosts: join(dir, 'known_hosts'),
    pkiDir: join(dir, 'pki'),
    journalDir: join(dir, 'journal'),
    auditLog: join(dir, 'audit.ndjson'),
    sealedCredentials: join(dir, 'credentials.sealed'),
    machinesFile: join(dir, 'virtual-machines'),
  };
}

/** `path` with a leading `~/` replaced by the user's home. */
export function expandHome(path: string): string {
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : path;
}
