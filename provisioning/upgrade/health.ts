// Whether a cluster is well enough to change one more machine: every API server ready, every node Ready, and the machine
// changed last heard of since: a node stays Ready for a while after its agent died. The gate opens only when this held for
// some time without a break.
import { systemClock } from '../../machinery/clock.ts';
import type { ClusterSpec } from '../contract.ts';
import { mastersOf } from '../plan/plan-cluster.ts';
import { adminClient, type ClusterFiles } from '../run/api.ts';
import { ask, isReady, readNode, readNodes } from '../nodes/node-requests.ts';

/** Sentences on what is not well; empty when all is. */
export async function healthProblems(cluster: ClusterFiles, signal: AbortSignal): Promise<string[]> {
  const { spec } = cluster;
  const servers = await Promise.all(mastersOf(spec).map((master) => apiProblem(cluster, master, signal)));
  const client = await adminClient(cluster);
  try {
    const nodes = new Map((await readNodes(client, signal)).map((node) => [node.metadata.name, node]));
    const away = spec.machines
      .filter(({ name }) => !isReady(nodes.get(name)))
      .map(({ name }) => `node ${name} is not Ready`);
    return [...servers.filter((problem) => problem !== undefined), ...away];
  } catch (error) {
    signal.throwIfAborted();
    return [error instanceof Error ? error.message : String(error)];
  } finally {
    client.close();
  }
}

/** `/readyz` of an API server covers its etcd member's cluster, too. */
async function apiProblem(
  cluster: ClusterFiles,
  master: ClusterSpec['machines'][number],
  signal: AbortSignal,
): Promise<string | undefined> {
  const client = await adminClient(cluster, master);
  try {
    const response = await client.request({ method: 'GET', path: '/readyz', signal });
    const body = await response.text();
    return response.status === 200 ? undefined : `API server on ${master.name}: ${body.slice(0, 200)}`;
  } catch (error) {
    signal.throwIfAborted();
    return `API server on ${master.name}: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    client.close();
  }
}

/** When the agent of `name` was heard of last, as the API has it; empty when never. */
export async function lastHeartbeat(cluster: ClusterFiles, name: string, signal: AbortSignal): Promise<string> {
  const client = await adminClient(cluster);
  try {
    const path = `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${name}`;
    const { status, body } = await ask(client, 'GET', path, undefined, signal);
    return status === 404 ? '' : ((JSON.parse(body) as { spec?: { renewTime?: string } }).spec?.renewTime ?? '');
  } finally {
    client.close();
  }
}

/** A question that answers why `name` is not well: nothing new was heard of its agent since `heard`, or it is not Ready. */
export function machineProblem(
  cluster: ClusterFiles,
  name: string,
  heard: string,
  signal: AbortSignal,
): () => Promise<string[]> {
  return async () => {
    try {
      if ((await lastHeartbeat(cluster, name, signal)) === heard) return [`the agent of ${name} is not heard of`];
      const client = await adminClient(cluster);
      try {
        return isReady(await readNode(client, name, signal)) ? [] : [`node ${name} is not Ready`];
      } finally {
        client.close();
      }
    } catch (error) {
      signal.throwIfAborted();
      return [error instanceof Error ? error.message : String(error)];
    }
  };
}

/** Resolves once every question was answered with no problem for `settledMs` in a row; with the last problems when `timeoutMs` went by without that. */
export async function waitUntilHealthy(
  questions: readonly (() => Promise<string[]>)[],
  times: { readonly settledMs: number; readonly timeoutMs: number },
  signal: AbortSignal,
): Promise<string[]> {
  const deadline = systemClock.now() + times.timeoutMs;
  let wellSince: number | undefined;
  for (;;) {
    const problems = (await Promise.all(questions.map((question) => question()))).flat();
    const now = systemClock.now();
    wellSince = problems.length === 0 ? (wellSince ?? now) : undefined;
    if (wellSince !== undefined && now - wellSince >= times.settledMs) return [];
    if (now > deadline) return problems;
    await systemClock.sleep(250, signal);
    signal.throwIfAborted();
  }
}
