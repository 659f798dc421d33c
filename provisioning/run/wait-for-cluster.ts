// Waits until a cluster that was built before answers again with all its nodes Ready, e.g. after its machines were booted.
import type { ClusterSpec, RunOptions } from '../contract.ts';
import { clusterPaths } from '../paths.ts';
import { mastersOf } from '../plan/plan-cluster.ts';
import { waitForApi, waitForNode } from './api.ts';

const timeoutMs = 240_000;

/** Resolves once every API server is ready and every node Ready; throws ProvisioningError `NotReady`. */
export async function waitForCluster(spec: ClusterSpec, options: RunOptions): Promise<void> {
  const cluster = { spec, paths: clusterPaths(spec.name, options.home) };
  const signal = options.signal ?? new AbortController().signal;
  const wait = { signal, timeoutMs, log: () => Promise.resolve('') };
  await Promise.all(mastersOf(spec).map((machine) => waitForApi(cluster, machine, wait)));
  await Promise.all(spec.machines.map((machine) => waitForNode(cluster, machine, wait)));
}
