// One connection for one piece of work on a machine of a cluster, with that cluster's pinned host keys.
import type { ClusterSpec, MachineSpec, RunOptions } from '../contract.ts';
import { clusterPaths } from '../paths.ts';
import { openKnownHosts } from './known-hosts.ts';
import { connectSsh, type SshTransport } from './ssh.ts';

/** Connects, does `work`, closes. */
export async function withMachine<T>(
  spec: ClusterSpec,
  machine: MachineSpec,
  options: RunOptions,
  work: (transport: SshTransport) => Promise<T>,
): Promise<T> {
  const knownHosts = openKnownHosts(clusterPaths(spec.name, options.home).knownHosts);
  const transport = await connectSsh(machine, { knownHosts, signal: options.signal });
  try {
    return await work(transport);
  } finally {
    transport.close();
  }
}
