// Takes one machine out of a running cluster, also the first master, also a dead machine: its pods move, its node and its
// etcd member go, and what can be reached of it is left as it was found. Others are only told where the masters are.
import { writeFile } from 'node:fs/promises';
import { formatClusterFile } from './cluster-file.ts';
import type { ClusterSpec, MachineSpec, ProvisionOptions, RunResult } from './contract.ts';
import { externalEtcdOf } from './external-etcd/settings.ts';
import { ProvisioningError } from './errors.ts';
import { text } from './messages/text.ts';
import { drainNode } from './nodes/drain.ts';
import { ask, patienceMs } from './nodes/node-requests.ts';
import { clusterPaths } from './paths.ts';
import { mastersOf, planCluster } from './plan/plan-cluster.ts';
import { deprovisionMachines } from './provision.ts';
import { withClusterLock } from './run/cluster-lock.ts';
import { adminClient } from './run/api.ts';
import { persist } from './run/persist.ts';
import { runPlan } from './run/run-plan.ts';
import { listMembers, removeMember } from './steps/etcd-members.ts';
import { withMachine } from './transport/with-machine.ts';

export interface RemoveOptions extends ProvisionOptions {
  /** The machine does not answer and will not come back: nothing is undone on it. */
  readonly isDead?: boolean;
  /** How long its pods get to move. Default a minute; then they are deleted. */
  readonly drainSeconds?: number;
}

/** What is left, and how undoing on the machine and following up on the others went. */
export interface Removed {
  readonly spec: ClusterSpec;
  readonly ok: boolean;
  readonly undone?: RunResult;
  readonly followed?: RunResult;
}

/** Removes `name` from the cluster; resolves with the cluster that is left and how undoing and following up went. */
export function removeMachine(spec: ClusterSpec, name: string, options: RemoveOptions = {}): Promise<Removed> {
  return withClusterLock(spec, options, () => remove(spec, name, options));
}

async function remove(spec: ClusterSpec, name: string, options: RemoveOptions): Promise<Removed> {
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
    await drainNode(client, name, {
      timeoutMs: (options.drainSeconds ?? 60) * 1000,
      force: true,
      isDead: options.isDead,
      signal: options.signal,
    });
    const hasMember = machine.role !== 'node' && externalEtcdOf(spec) === undefined;
    if (hasMember) await persist(options.signal, patienceMs, () => leaveEtcd(spec, machine, options));
    const undone = options.isDead === true ? undefined : await deprovisionMachines(spec, [name], options);
    await ask(client, 'DELETE', `/api/v1/nodes/${name}`, undefined, options.signal);
    // Only a master's going changes anything elsewhere: where agents and control planes find the others.
    const followed = machine.role === 'node' ? undefined : await runPlan(planCluster(left), left, options);
    await writeFile(paths.clusterFile, formatClusterFile(left), { mode: 0o600 });
    return { spec: left, ok: undone?.ok !== false && followed?.ok !== false, undone, followed };
  } finally {
    client.close();
  }
}

async function leaveEtcd(spec: ClusterSpec, machine: MachineSpec, options: RemoveOptions): Promise<void> {
  const neighbours = mastersOf(spec).filter((master) => master.name !== machine.name);
  let last: unknown;
  for (const neighbour of neighbours) {
    try {
      await withMachine(spec, neighbour, options, async (transport) => {
        const member = (await listMembers(transport)).find(
          ({ peerUrl }) => peerUrl === `https://${machine.address}:2380`,
        );
        if (member !== undefined) await removeMember(transport, member.id);
      });
      return;
    } catch (error) {
      last = error; // this master may be off: the next one knows as much
    }
  }
  throw last;
}
