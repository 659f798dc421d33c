// Makes a running cluster what its blueprint says, by the same actions as by hand: machines join and leave, labels and
// settings are changed. What cannot be changed in a running cluster is left, and told.
import type { ClusterSpec, ProvisionOptions } from '../contract.ts';
import { addMachines } from '../nodes/add-machines.ts';
import { withClient } from '../nodes/cluster-session.ts';
import { labelMachine, parseLabels } from '../nodes/labels.ts';
import { readNodes } from '../nodes/node-requests.ts';
import { provision } from '../provision.ts';
import { removeMachine } from '../remove-machine.ts';
import { withClusterLock } from '../run/cluster-lock.ts';
import { type Drift, planDrift } from './drift.ts';

export interface ReconcileOptions extends ProvisionOptions {
  /** Also take machines out that the blueprint does not name. */
  readonly removeExtra?: boolean;
}

export interface Reconciled {
  readonly ok: boolean;
  readonly mended: readonly Drift[];
  /** What is left: by hand, not asked for, or failed. */
  readonly left: readonly Drift[];
}

/** What differs now; changes nothing. */
export async function findDrift(
  wanted: ClusterSpec,
  spec: ClusterSpec,
  options: ProvisionOptions = {},
): Promise<Drift[]> {
  const nodes = await withClient(spec, options, (client) => readNodes(client, options.signal));
  return planDrift(wanted, { spec, nodes });
}

/** Mends what can be mended, one difference after the other. `wanted` has the credentials of machines to be added. */
export function reconcile(wanted: ClusterSpec, spec: ClusterSpec, options: ReconcileOptions = {}): Promise<Reconciled> {
  return withClusterLock(spec, options, async () => {
    const before = await findDrift(wanted, spec, options);
    let current = spec;
    const added = before.filter((drift) => drift.remedy === 'add').map((drift) => drift.subject);
    if (added.length > 0) {
      const machines = wanted.machines.filter((machine) => added.includes(machine.name));
      current = (await addMachines(current, machines, options)).spec;
    }
    for (const { subject } of before.filter((drift) => drift.remedy === 'remove')) {
      if (options.removeExtra !== true) continue;
      const known = current.machines.some((machine) => machine.name === subject);
      if (known) current = (await removeMachine(current, subject, options)).spec;
    }
    for (const { subject, wanted: word } of before.filter((drift) => drift.remedy === 'label')) {
      current = await labelMachine(current, subject, parseLabels([word]), options);
    }
    if (before.some((drift) => drift.remedy === 'provision')) {
      current = { ...current, settings: wanted.settings };
      await provision(current, options);
    }
    const left = await findDrift(wanted, current, options);
    const isLeft = (drift: Drift): boolean =>
      left.some((each) => each.kind === drift.kind && each.subject === drift.subject && each.wanted === drift.wanted);
    return { ok: left.length === 0, mended: before.filter((drift) => !isLeft(drift)), left };
  });
}
