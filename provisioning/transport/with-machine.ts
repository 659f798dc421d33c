// One connection for one piece of work on a machine of a cluster, with that cluster's pinned host keys.
import type { ClusterSpec, MachineSpec, RunOptions } from '../contract.ts';
import { openRecorder } from '../audit/recorder.ts';
import { clusterPaths } from '../paths.ts';
import { openKnownHosts } from './known-hosts.ts';
import { connectSsh, type SshOptions, type SshTransport } from './ssh.ts';

/** How to connect to machines of cluster `id`: its pinned host keys, its audit record. */
export async function sshOptions(id: string, { home, signal }: RunOptions): Promise<SshOptions> {
  return {
    knownHosts: openKnownHosts(clusterPaths(id, home).knownHosts),
    record: await openRecorder(id, home),
    signal,
  };
}

/** Connects, does `work`, closes. */
export async function withMachine<T>(
  spec: ClusterSpec,
  machine: MachineSpec,
  options: RunOptions,
  work: (transport: SshTransport) => Promise<T>,
): Promise<T> {
  const transport = await connectSsh(machine, await sshOptions(spec.name, options));
  try {
    return await work(transport);
  } finally {
    transport.close();
  }
}
