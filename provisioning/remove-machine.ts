// Takes one machine out of a running cluster, also the first master, also a dead machine: its pods move, its node and its
// etcd member go, and what can be reached of it is left as it was found. Others are only told where the masters are.
import { writeFile } from 'node:fs/promises';
import { systemClock } from '../machinery/clock.ts';
import type { RestClient } from '../machinery/rest-client.ts';
import { formatClusterFile } from './cluster-file.ts';
import type { ClusterSpec, MachineSpec, ProvisionOptions, RunResult } from './contract.ts';
import { ProvisioningError } from './errors.ts';
import { text } from './messages/text.ts';
import { clusterPaths } from './paths.ts';
import { mastersOf, planCluster } from './plan/plan-cluster.ts';
import { deprovisionMachines } from './provision.ts';
import { adminClient } from './run/api.ts';
import { persist } from './run/persist.ts';
import { runPlan } from './run/run-plan.ts';
import { listMembers, removeMember } from './steps/etcd-members.ts';
import { openKnownHosts } from './transport/known-hosts.ts';
import { connectSsh } from './transport/ssh.ts';

/** How long masters that restart, and an etcd that is settling, are waited for. */
const patienceMs = 60_000;

export interface RemoveOptions extends ProvisionOptions {
  /** The machine does not answer and will not come back: nothing is undone on it. */
  readonly isDead?: boolean;
  /** How long its pods get to move. Default a minute; then they are deleted. */
  readonly drainSeconds?: number;
}

/** Removes `name` from the cluster; resolves with the cluster that is left and how undoing and following up went. */
export async function removeMachine(
  spec: ClusterSpec,
  name: string,
  options: RemoveOptions = {},
): Promise<{
  readonly spec: ClusterSpec;
  readonly ok: boolean;
  readonly undone?: RunResult;
  readonly followed?: RunResult;
}> {
  const machine = spec.machines.find((candidate) => candidate.name === name);
  const left: ClusterSpec = { ...spec, machines: spec.machines.filter((candidate) => candidate.name !== name) };
  const neighbour = mastersOf(left)[0];
  if (machine === undefined || neighbour === undefined) {
    throw new ProvisioningError(
      'LastMaster',
      text('error.cannotRemove', { machine: name }),
      text('error.cannotRemove.remedy'),
    );
  }
  const paths = clusterPaths(spec.name, options.home);
  const client = await adminClient({ spec: left, paths });
  try {
    await drain(client, name, (options.drainSeconds ?? 60) * 1000, options.isDead === true, options.signal);
    if (machine.role !== 'node') await persist(options.signal, patienceMs, () => leaveEtcd(spec, machine, options));
    const undone = options.isDead === true ? undefined : await deprovisionMachines(spec, [name], options);
    await answer(client, 'DELETE', `/api/v1/nodes/${name}`, undefined, options.signal);
    // Only a master's going changes anything elsewhere: where agents and control planes find the others.
    const followed = machine.role === 'node' ? undefined : await runPlan(planCluster(left), left, options);
    await writeFile(paths.clusterFile, formatClusterFile(left), { mode: 0o600 });
    return { spec: left, ok: undone?.ok !== false && followed?.ok !== false, undone, followed };
  } finally {
    client.close();
  }
}

interface PodSummary {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly ownerReferences?: readonly { readonly kind: string }[];
  };
}

/** Takes no new pods and moves the present ones, as far as disruption budgets let it within the time. */
async function drain(
  client: RestClient,
  node: string,
  timeoutMs: number,
  isDead: boolean,
  signal?: AbortSignal,
): Promise<void> {
  await answer(client, 'PATCH', `/api/v1/nodes/${node}`, { spec: { unschedulable: true } }, signal);
  const deadline = systemClock.now() + timeoutMs;
  for (;;) {
    const list = await answer(client, 'GET', `/api/v1/pods?fieldSelector=spec.nodeName%3D${node}`, undefined, signal);
    const { items } = JSON.parse(list.body) as { items: PodSummary[] };
    const pods = items.filter(
      (pod) => pod.metadata.ownerReferences?.some((owner) => owner.kind === 'DaemonSet') !== true,
    );
    if (pods.length === 0) return;
    const isLate = isDead || systemClock.now() > deadline;
    for (const { metadata } of pods) {
      const path = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;
      // A dead machine's pods end nowhere, and a late pod has had its time: no grace.
      if (isLate) await answer(client, 'DELETE', path, { gracePeriodSeconds: 0 }, signal);
      else
        await answer(
          client,
          'POST',
          `${path}/eviction`,
          { apiVersion: 'policy/v1', kind: 'Eviction', metadata },
          signal,
        );
    }
    if (isLate) return;
    await systemClock.sleep(500, signal);
    signal?.throwIfAborted();
  }
}

async function leaveEtcd(spec: ClusterSpec, machine: MachineSpec, options: RemoveOptions): Promise<void> {
  const neighbours = mastersOf(spec).filter((master) => master.name !== machine.name);
  const knownHosts = openKnownHosts(clusterPaths(spec.name, options.home).knownHosts);
  let last: unknown;
  for (const neighbour of neighbours) {
    try {
      const transport = await connectSsh(neighbour, { knownHosts, signal: options.signal });
      try {
        const member = (await listMembers(transport)).find(
          ({ peerUrl }) => peerUrl === `https://${machine.address}:2380`,
        );
        if (member !== undefined) await removeMember(transport, member.id);
        return;
      } finally {
        transport.close();
      }
    } catch (error) {
      last = error; // this master may be off: the next one knows as much
    }
  }
  throw last;
}

/** One request; 404, 409 and 429 (a budget says not now) are answers, other refusals errors. */
async function answer(
  client: RestClient,
  method: string,
  path: string,
  body: unknown,
  signal?: AbortSignal,
): Promise<{ status: number; body: string }> {
  const [pathname = path, search = ''] = path.split('?');
  const headers = { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' };
  const query = Object.fromEntries(new URLSearchParams(search));
  const request = {
    method,
    path: pathname,
    query,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
    signal,
  };
  const { status, content } = await persist(signal, patienceMs, async () => {
    const response = await client.request(request);
    const content = await response.text();
    if (response.status >= 500) throw new Error(`${method} ${path}: ${response.status} ${content.slice(0, 200)}`);
    return { status: response.status, content };
  });
  if (status >= 300 && ![404, 409, 429].includes(status))
    throw new Error(`${method} ${path}: ${status} ${content.slice(0, 200)}`);
  return { status, body: content };
}
