// The whole road from a cluster's description to a running cluster, and back. What the wizard and `pilothouse provision`
// call; the lab goes the same way.
import { rm } from 'node:fs/promises';
import pLimit from 'p-limit';
import { systemClock } from '../machinery/clock.ts';
import type {
  ClusterSpec,
  ProgressEvent,
  ProvisionOptions,
  ProvisionResult,
  RunOptions,
  RunResult,
} from './contract.ts';
import { leaveExternalEtcd } from './external-etcd/leave.ts';
import { ProvisioningError } from './errors.ts';
import { text, type MessageKey } from './messages/text.ts';
import { clusterPaths } from './paths.ts';
import { serversOf } from './pki/cluster-pki.ts';
import { planCluster } from './plan/plan-cluster.ts';
import { requirePreflight } from './preflight/preflight.ts';
import { withClusterLock } from './run/cluster-lock.ts';
import { journalFolder } from './run/journal.ts';
import { lockPath } from './run/lock.ts';
import { openRun, type OpenRun, runPlan } from './run/run-plan.ts';
import { machineSteps } from './steps/index.ts';

/** Checks all machines, then carries out the plan. Throws ProvisioningError `Preflight` before anything was changed. */
export async function provision(spec: ClusterSpec, options: ProvisionOptions = {}): Promise<ProvisionResult> {
  const facts = await requirePreflight(spec, options);
  const result = await withClusterLock(spec, options, () =>
    runPlan(planCluster(spec, facts), spec, options, systemClock, facts),
  );
  return {
    ...result,
    cluster: spec.name,
    kubeconfigPath: clusterPaths(spec.name, options.home).kubeconfig,
    servers: serversOf(spec),
  };
}

export interface DeprovisionOptions extends RunOptions {
  /** Also delete the cluster's keys from an external etcd; they stay otherwise. */
  readonly eraseEtcd?: boolean;
}

/** Takes the cluster off its machines: every step of each machine's journal is undone, last first. */
export async function deprovision(spec: ClusterSpec, options: DeprovisionOptions = {}): Promise<RunResult> {
  const result = await deprovisionMachines(spec, undefined, options);
  if (result.ok) {
    await leaveExternalEtcd(spec, options, options.eraseEtcd === true);
    const paths = clusterPaths(spec.name, options.home);
    await Promise.all([paths.kubeconfig, paths.pkiDir].map((path) => rm(path, { recursive: true, force: true })));
  }
  return result;
}

/** The same for some machines (default: all); the cluster's own files on this computer stay. */
export async function deprovisionMachines(
  spec: ClusterSpec,
  names: readonly string[] | undefined,
  options: RunOptions,
): Promise<RunResult> {
  const startedAt = systemClock.now();
  const signal = options.signal ?? new AbortController().signal;
  const machines = spec.machines.filter(({ name }) => names?.includes(name) ?? true);
  const run = await openRun({ ...spec, machines }, options, systemClock, signal);
  const limit = pLimit(spec.settings.parallelism);
  try {
    const steps = (
      await Promise.all(machines.map(({ name }) => limit(() => revertMachine(run, name, options))))
    ).flat();
    return { ok: steps.every((step) => step.state === 'reverted'), steps, elapsedMs: systemClock.now() - startedAt };
  } finally {
    run.close();
  }
}

type StepResult = RunResult['steps'][number];

async function revertMachine(run: OpenRun, machine: string, options: RunOptions): Promise<StepResult[]> {
  const journal = run.journals.get(machine);
  if (journal === undefined) throw new Error(`${machine} is not in this run`);
  const results: StepResult[] = [];
  for (const { kind, record } of [...journal.open()].reverse()) {
    const id = `${kind}@${machine}`;
    const began = systemClock.now();
    const title = text('run.revert', { title: text(`step.${kind}` as MessageKey).en });
    const zhTitle = text('run.revert', { title: text(`step.${kind}` as MessageKey)['zh-CN'] })['zh-CN'];
    const emit = (event: Partial<ProgressEvent> & Pick<ProgressEvent, 'state'>): void =>
      options.onProgress?.({
        step: id,
        machine,
        title: { ...title, 'zh-CN': zhTitle },
        elapsedMs: systemClock.now() - began,
        ...event,
      });
    emit({ state: 'running' });
    try {
      run.cluster.signal.throwIfAborted();
      const step = machineSteps.get(kind);
      if (step === undefined) throw new Error(`this version knows no step called ${kind}`);
      await step.revert(
        run.machineContext(machine, (log) => emit({ state: 'running', log })),
        record,
      );
      await journal.append({ kind, phase: 'reverted' });
      results.push({ id, state: 'reverted', elapsedMs: systemClock.now() - began });
      emit({ state: 'reverted' });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      emit({
        state: 'failed',
        message: error instanceof ProvisioningError ? error.text : text('error.other', { reason }),
      });
      return [...results, { id, state: 'failed', elapsedMs: systemClock.now() - began, error: reason }];
    }
  }
  await journal.erase();
  await run.cluster.transports
    .get(machine)
    ?.run(`rm -rf ${journalFolder} ${lockPath}; rmdir /var/lib/pilothouse 2>/dev/null; true`);
  return results;
}
