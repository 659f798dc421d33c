// Carries out a plan. A step runs when all it needs is done; each machine's journal is written before the machine is
// changed; what is already as wanted is skipped, so running again resumes. The first failure stops only what needs it.
// An abort cuts the running commands and leaves everything resumable.
import { systemClock, type Clock } from '../../machinery/clock.ts';
import pLimit from 'p-limit';
import type {
  ClusterSpec,
  MachineFacts,
  Plan,
  PlannedStep,
  ProgressEvent,
  ProvisionOptions,
  RunResult,
  StepState,
  Text,
} from '../contract.ts';
import { openRecorder } from '../audit/recorder.ts';
import { isCancelled, ProvisioningError } from '../errors.ts';
import { gatherFacts } from '../preflight/facts.ts';
import { text } from '../messages/text.ts';
import { clusterPaths } from '../paths.ts';
import { walk } from '../plan/graph.ts';
import { mastersOf } from '../plan/plan-cluster.ts';
import { consoleSteps, machineSteps } from '../steps/index.ts';
import { openKnownHosts } from '../transport/known-hosts.ts';
import { openConnections } from './connections.ts';
import { type Journal, openJournal } from './journal.ts';
import { createSharedWork } from './shared-work.ts';
import type { ClusterContext, MachineContext } from './step.ts';
import { join } from 'node:path';

type StepResult = RunResult['steps'][number];

/**
 * Runs `plan` for `spec` and resolves with every step's end; throws only when the machines cannot be opened at all. Facts that
 * preflight has just learned are `known`; all others are asked for.
 */
export async function runPlan(
  plan: Plan,
  spec: ClusterSpec,
  options: ProvisionOptions = {},
  clock: Clock = systemClock,
  known: readonly MachineFacts[] = [],
): Promise<RunResult> {
  const startedAt = clock.now();
  const signal = options.signal ?? new AbortController().signal;
  const emit = (event: ProgressEvent): void => options.onProgress?.(event);
  for (const step of plan.steps)
    emit({ step: step.id, machine: step.machine, state: 'waiting', title: step.title, elapsedMs: 0 });

  const run = await openRun(spec, options, clock, signal, machinesOf(plan, spec), known);
  const results = new Map<string, StepResult>();
  const limits = new Map(spec.machines.map((machine) => [machine.name, pLimit(3)]));
  const machines = pLimit(spec.settings.parallelism * 3);

  const work = async (step: PlannedStep): Promise<boolean> => {
    const began = clock.now();
    const elapsed = (): number => clock.now() - began;
    const report = (state: StepState, extra: { message?: Text; log?: string } = {}): void =>
      emit({ step: step.id, machine: step.machine, state, title: step.title, elapsedMs: elapsed(), ...extra });
    report('running');
    try {
      const changed = await runStep(step, run, (log) => report('running', { log }));
      results.set(step.id, { id: step.id, state: changed ? 'done' : 'skipped', elapsedMs: elapsed() });
      report(changed ? 'done' : 'skipped', changed ? {} : { message: text('run.alreadyDone') });
      return true;
    } catch (error) {
      const message = isCancelled(error) || signal.aborted ? text('run.cancelled') : failure(error);
      results.set(step.id, { id: step.id, state: 'failed', elapsedMs: elapsed(), error: message.en });
      report('failed', { message });
      return false;
    }
  };
  try {
    const limit = (step: PlannedStep): ReturnType<typeof pLimit> => limits.get(step.machine ?? '') ?? machines;
    const { unreached } = await walk(plan.steps, (step) => limit(step)(() => work(step)));
    for (const step of unreached) {
      emit({
        step: step.id,
        machine: step.machine,
        state: 'waiting',
        title: step.title,
        message: text('run.blocked'),
        elapsedMs: 0,
      });
      results.set(step.id, { id: step.id, state: 'waiting', elapsedMs: 0 });
    }
  } finally {
    run.close();
  }
  const steps = plan.steps.map(
    (step) => results.get(step.id) ?? { id: step.id, state: 'waiting' as const, elapsedMs: 0 },
  );
  const ok = steps.every((step) => step.state === 'done' || step.state === 'skipped');
  return { ok, steps, elapsedMs: clock.now() - startedAt };
}

/** The machines that the plan needs open: its own, and all masters where a member may have to join the others' etcd. */
function machinesOf(plan: Plan, spec: ClusterSpec): Set<string> {
  const names = plan.steps.flatMap((step) => step.machine ?? []);
  const masters = plan.steps.some((step) => step.kind === 'etcd') ? mastersOf(spec).map(({ name }) => name) : [];
  return new Set([...names, ...masters]);
}

function failure(error: unknown): Text {
  if (error instanceof ProvisioningError) return error.text;
  const reason = error instanceof Error ? error.message : String(error);
  return text('error.other', { reason });
}

/** An open run: contexts and journals of all machines. */
export interface OpenRun {
  readonly cluster: ClusterContext;
  readonly journals: ReadonlyMap<string, Journal>;
  machineContext(name: string, log: (text: string) => void): MachineContext;
  close(): void;
}

/** Connects, locks, reads facts and journals of the machines `names` (default: all). */
export async function openRun(
  spec: ClusterSpec,
  options: ProvisionOptions,
  clock: Clock,
  signal: AbortSignal,
  names: ReadonlySet<string> = new Set(spec.machines.map((machine) => machine.name)),
  known: readonly MachineFacts[] = [],
): Promise<OpenRun> {
  const paths = clusterPaths(spec.name, options.home);
  const onHostKey = (machine: string, fingerprint: string, isNew: boolean): void => {
    const message = isNew ? text('run.hostKey.new', { fingerprint }) : undefined;
    options.onProgress?.({
      step: `connect@${machine}`,
      machine,
      state: 'done',
      title: text('run.connect', { machine }),
      message,
      elapsedMs: 0,
    });
  };
  const machines = spec.machines.filter((machine) => names.has(machine.name));
  const connections = await openConnections(machines, {
    knownHosts: openKnownHosts(paths.knownHosts),
    record: await openRecorder(spec.name, options.home),
    clock,
    signal,
    onHostKey,
  });
  try {
    const runId = new Date(clock.now()).toISOString();
    const opened = await Promise.all(
      [...connections.transports].map(async ([name, transport]) => {
        const [facts, journal] = await Promise.all([
          known.find(({ machine }) => machine === name) ?? gatherFacts(transport, clock),
          openJournal(transport, spec.name, runId, join(paths.journalDir, `${name}.ndjson`)),
        ]);
        return { name, facts, journal };
      }),
    );
    const shared = createSharedWork();
    const cluster: ClusterContext = {
      spec,
      paths,
      options,
      signal,
      facts: new Map(opened.map(({ name, facts }) => [name, facts])),
      transports: connections.transports,
      ...shared,
    };
    return {
      cluster,
      journals: new Map(opened.map(({ name, journal }) => [name, journal])),
      machineContext: (name, log) => machineContext(cluster, name, log),
      close: () => connections.close(),
    };
  } catch (error) {
    connections.close();
    throw error;
  }
}

function machineContext(cluster: ClusterContext, name: string, log: (text: string) => void): MachineContext {
  const machine = cluster.spec.machines.find((candidate) => candidate.name === name);
  const transport = cluster.transports.get(name);
  const facts = cluster.facts.get(name);
  if (machine === undefined || transport === undefined || facts === undefined)
    throw new Error(`${name} is not in this run`);
  return { cluster, spec: cluster.spec, machine, facts, transport, signal: cluster.signal, log };
}

/** True when the step changed something, false when all was as wanted. */
async function runStep(step: PlannedStep, run: OpenRun, log: (text: string) => void): Promise<boolean> {
  run.cluster.signal.throwIfAborted();
  if (step.machine === undefined) {
    const definition = consoleSteps.get(step.kind);
    if (definition === undefined) throw new Error(`no step is called ${step.kind}`);
    if (await definition.check(run.cluster)) return false;
    await definition.apply(run.cluster);
    return true;
  }
  const definition = machineSteps.get(step.kind);
  const journal = run.journals.get(step.machine);
  if (definition === undefined || journal === undefined) throw new Error(`no step is called ${step.kind}`);
  const context = run.machineContext(step.machine, log);
  const before = journal.open().find((open) => open.kind === step.kind);
  if ((before === undefined || before.done) && (await definition.check(context))) return false;
  const record = before === undefined ? await definition.record(context) : before.record;
  await journal.append({ kind: step.kind, phase: 'begin', ...(before === undefined ? { record } : {}) });
  try {
    await definition.apply(context, record);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (!run.cluster.signal.aborted)
      await journal.append({ kind: step.kind, phase: 'failed', error: reason }).catch(() => undefined);
    throw error;
  }
  await journal.append({ kind: step.kind, phase: 'done' });
  return true;
}
