// Puts a new machine in the place of one of the cluster. While the old one lives, the new one joins first, so that neither
// capacity nor quorum falls; a dead one, or one that comes back under its own name or address, leaves first.
import type { ClusterSpec, MachineSpec, RunResult } from '../contract.ts';
import { type RemoveOptions, removeMachine } from '../remove-machine.ts';
import { withClusterLock } from '../run/cluster-lock.ts';
import { addMachines } from './add-machines.ts';
import { machineOf } from './cluster-session.ts';

export interface Replaced {
  readonly spec: ClusterSpec;
  readonly ok: boolean;
  readonly runs: readonly RunResult[];
}

/** Replaces `name` by `machine`, which takes over its role and labels. */
export function replaceMachine(
  spec: ClusterSpec,
  name: string,
  machine: Omit<MachineSpec, 'role' | 'labels'>,
  options: RemoveOptions = {},
): Promise<Replaced> {
  return withClusterLock(spec, options, () => replace(spec, name, machine, options));
}

async function replace(
  spec: ClusterSpec,
  name: string,
  machine: Omit<MachineSpec, 'role' | 'labels'>,
  options: RemoveOptions,
): Promise<Replaced> {
  const old = machineOf(spec, name);
  const heir: MachineSpec = { ...machine, role: old.role, labels: old.labels };
  const leavesFirst = options.isDead === true || heir.name === old.name || heir.address === old.address;
  const adding = { ...options, isReplacing: true };
  if (leavesFirst) {
    const removed = await removeMachine(spec, name, options);
    const before = [removed.undone, removed.followed].filter((run) => run !== undefined);
    if (!removed.ok) return { spec: removed.spec, ok: false, runs: before };
    const added = await addMachines(removed.spec, [heir], adding);
    return {
      spec: added.spec,
      ok: added.ok,
      runs: [...before, added.run, ...(added.followed ? [added.followed] : [])],
    };
  }
  const added = await addMachines(spec, [heir], adding);
  const before = [added.run, ...(added.followed ? [added.followed] : [])];
  if (!added.ok) return { spec: added.spec, ok: false, runs: before };
  const removed = await removeMachine(added.spec, name, options);
  const after = [removed.undone, removed.followed].filter((run) => run !== undefined);
  return { spec: removed.spec, ok: removed.ok, runs: [...before, ...after] };
}
