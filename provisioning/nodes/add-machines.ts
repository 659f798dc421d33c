// Brings machines into a running cluster. A worker's coming touches that machine alone, whatever the cluster's size; a
// master's also tells the others, one machine at a time. Nothing is touched before the new machines pass preflight.
import { systemClock } from '../../machinery/clock.ts';
import type { ClusterSpec, MachineSpec, ProvisionOptions, RunResult } from '../contract.ts';
import { ClusterFileError } from '../cluster-file.ts';
import { clusterProblems } from '../plan/cluster-problems.ts';
import { planCluster, planMachines } from '../plan/plan-cluster.ts';
import { requirePreflight } from '../preflight/preflight.ts';
import { withClusterLock } from '../run/cluster-lock.ts';
import { runPlan } from '../run/run-plan.ts';

export interface AddOptions extends ProvisionOptions {
  /** The number of masters may be even for a while (a master is being replaced). */
  readonly isReplacing?: boolean;
}

export interface Changed {
  readonly spec: ClusterSpec;
  readonly ok: boolean;
  /** What was done on the machines asked for. */
  readonly run: RunResult;
  /** What was done on the others. */
  readonly followed?: RunResult;
}

/** Adds `machines`; throws ProvisioningError ClusterFile or Preflight before anything is changed. */
export function addMachines(
  spec: ClusterSpec,
  machines: readonly MachineSpec[],
  options: AddOptions = {},
): Promise<Changed> {
  return withClusterLock(spec, options, () => add(spec, machines, options));
}

async function add(spec: ClusterSpec, machines: readonly MachineSpec[], options: AddOptions): Promise<Changed> {
  const names = machines.map((machine) => machine.name);
  // Named again after a run that was cut: the same machine goes on.
  const kept = spec.machines.filter((machine) => !names.includes(machine.name));
  const grown: ClusterSpec = { ...spec, machines: [...kept, ...machines] };
  const problems = clusterProblems(grown, { isRunning: options.isReplacing === true });
  if (problems.length > 0) throw new ClusterFileError(problems);
  const facts = await requirePreflight({ ...grown, machines }, options);
  const run = await runPlan(planMachines(grown, names, facts), grown, options, systemClock, facts);
  const hasMasters = machines.some((machine) => machine.role !== 'node');
  if (!run.ok || !hasMasters) return { spec: grown, ok: run.ok, run };
  // Certificates name all masters, control planes and agents know where they are.
  const followed = await runPlan(planCluster(grown), grown, options);
  return { spec: grown, ok: followed.ok, run, followed };
}
