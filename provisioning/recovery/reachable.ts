// The part of a cluster that answers now, for plans that must not wait for machines that are off.
import type { ClusterSpec, RunOptions } from '../contract.ts';
import { ProvisioningError } from '../errors.ts';
import { clusterPaths } from '../paths.ts';
import { openKnownHosts } from '../transport/known-hosts.ts';
import { connectSsh } from '../transport/ssh.ts';

/** `spec` without the machines that cannot be reached. Their place in the cluster file is untouched. */
export async function reachableSpec(spec: ClusterSpec, options: RunOptions): Promise<ClusterSpec> {
  const knownHosts = openKnownHosts(clusterPaths(spec.name, options.home).knownHosts);
  const answers = await Promise.all(
    spec.machines.map(async (machine) => {
      try {
        (await connectSsh(machine, { knownHosts, signal: options.signal, timeoutMs: 10_000 })).close();
        return true;
      } catch (error) {
        if (error instanceof ProvisioningError && error.reason === 'Unreachable') return false;
        throw error;
      }
    }),
  );
  return { ...spec, machines: spec.machines.filter((_, index) => answers[index]) };
}
