// Brings a cluster's programs to another version, up or down: one machine at a time, masters first, each step only while
// the whole cluster is well. A backup is made first. When a machine does not get well with the new version, it and those
// changed before it go back to what they ran. Pausing leaves a working cluster of two versions that may meet; running
// again goes on: machines of the wanted version are left alone.
import type { ClusterSpec, MachineFacts, MachineSpec, ProvisionOptions, RunResult } from '../contract.ts';
import { ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';
import { reported, withClient } from '../nodes/cluster-session.ts';
import { setSchedulable } from '../nodes/drain.ts';
import { readNode } from '../nodes/node-requests.ts';
import { drainMachine } from '../nodes/reboot.ts';
import { clusterPaths } from '../paths.ts';
import { mastersOf, planMachines } from '../plan/plan-cluster.ts';
import { requirePreflight } from '../preflight/preflight.ts';
import {
  type SnapshotChoice,
  snapshotBeforeUpgrade,
  type UpgradeSnapshots,
} from '../machines/hypervisor/upgrade-snapshots.ts';
import { withClusterLock } from '../run/cluster-lock.ts';
import { runPlan } from '../run/run-plan.ts';
import { createSharedWork } from '../run/shared-work.ts';
import { archiveFor } from '../steps/programs.ts';
import { withMachine } from '../transport/with-machine.ts';
import { backUpFirst, type UpgradeBackup } from './backup-first.ts';
import { healthProblems, lastHeartbeat, machineProblem, waitUntilHealthy } from './health.ts';
import { currentVersion, removeOtherVersions, switchTo } from './installed.ts';
import { tooFar } from './version-skew.ts';

export interface UpgradeOptions extends ProvisionOptions {
  /** Move pods away from each machine before it changes. Default true; agents restart without ending pods. */
  readonly drain?: boolean;
  readonly drainSeconds?: number;
  /** End, well, after so many machines. */
  readonly pauseAfter?: number;
  readonly backup?: UpgradeBackup;
  /** Virtual machines whose disks are kept until the upgrade has gone well; default: those that this console made. */
  readonly snapshots?: SnapshotChoice;
  /**
   * How long all must be well after a machine (default 3: a service that ends again and again does so every second or two),
   * and how long that may take (default 180).
   */
  readonly settledSeconds?: number;
  readonly healthSeconds?: number;
}

export interface UpgradeResult {
  readonly state: 'done' | 'paused' | 'returned';
  readonly version: string;
  /** Machines as they are at the end, with what they ran before. */
  readonly machines: readonly { readonly name: string; readonly from: string; readonly to: string }[];
  /** Where the backup made beforehand lies. */
  readonly backup?: string;
  /** The snapshots of virtual machines that were taken beforehand; `kept` unless all went well. */
  readonly snapshots?: Omit<UpgradeSnapshots, 'drop'> & { readonly kept: boolean };
  /** Why the cluster went back. */
  readonly reason?: string;
  readonly runs: readonly RunResult[];
}

interface Upgrade {
  readonly spec: ClusterSpec;
  readonly options: UpgradeOptions;
  readonly signal: AbortSignal;
  readonly present: ReadonlyMap<string, string>;
}

/** Upgrades or downgrades; throws ProvisioningError Preflight, VersionSkew, NotHealthy before anything is changed. */
export function upgradeCluster(spec: ClusterSpec, options: UpgradeOptions = {}): Promise<UpgradeResult> {
  return withClusterLock(spec, options, () => upgradeLocked(spec, options));
}

async function upgradeLocked(spec: ClusterSpec, options: UpgradeOptions): Promise<UpgradeResult> {
  const signal = options.signal ?? new AbortController().signal;
  const facts = await requirePreflight(spec, options);
  const wanted = await wantedVersions(spec, facts, options, signal);
  const present = new Map(
    await Promise.all(
      spec.machines.map(async (machine) => {
        const version = await withMachine(spec, machine, options, currentVersion);
        return [machine.name, version] as const;
      }),
    ),
  );
  const upgrade: Upgrade = { spec, options, signal, present };
  const version = [...wanted.values()][0] ?? '';
  requireSkew(version, present);
  await gate(upgrade, 0);
  const due = inOrder(spec).filter((machine) => present.get(machine.name) !== wanted.get(machine.name));
  const backup = due.length === 0 ? undefined : await backUpFirst(spec, options.backup, options);
  const stage = due.length === 0 ? 'over' : due.length < spec.machines.length ? 'goesOn' : 'begins';
  const snapshots = await snapshotBeforeUpgrade(spec, { version, stage }, { ...options, signal });
  const runs: RunResult[] = [];
  const changed: MachineSpec[] = [];
  const result = (state: UpgradeResult['state'], reason?: string, kept = true): UpgradeResult => ({
    state,
    version,
    machines: spec.machines.map(({ name }) => {
      const from = present.get(name) ?? '';
      const isNew = state !== 'returned' && changed.some((machine) => machine.name === name);
      return { name, from, to: isNew ? (wanted.get(name) ?? '') : from };
    }),
    backup,
    ...(snapshots === undefined ? {} : { snapshots: { ...withoutDrop(snapshots), kept } }),
    reason,
    runs,
  });
  for (const machine of due) {
    if (changed.length === options.pauseAfter) return result('paused');
    signal.throwIfAborted();
    changed.push(machine);
    const reason = await changeMachine(upgrade, machine, runs);
    if (reason === undefined) continue;
    await goBack(upgrade, changed);
    return result('returned', reason);
  }
  for (const machine of due) {
    const kept = [wanted.get(machine.name), present.get(machine.name)].filter(
      (each) => each !== undefined && each !== '',
    );
    await withMachine(spec, machine, options, (transport) => removeOtherVersions(transport, kept as string[]));
  }
  // What cannot be let go is said, and stays: the upgrade itself has gone well.
  const isDropped = await snapshots?.drop().then(
    () => true,
    () => false,
  );
  return result('done', undefined, isDropped === false);
}

function withoutDrop({ label, machines, file }: UpgradeSnapshots): Omit<UpgradeSnapshots, 'drop'> {
  return { label, machines, file };
}

/** Masters first, so that no agent is ever newer than an API server; then the others, as the cluster lists them. */
export function inOrder(spec: ClusterSpec): MachineSpec[] {
  const masters = mastersOf(spec);
  return [...masters, ...spec.machines.filter((machine) => !masters.includes(machine))];
}

/** The version that the programs to install give each machine, by its architecture. */
export async function wantedVersions(
  spec: ClusterSpec,
  facts: readonly MachineFacts[],
  options: UpgradeOptions,
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const cluster = { options, signal, ...createSharedWork() };
  const versions = new Map<string, string>();
  for (const { machine, arch } of facts) versions.set(machine, (await archiveFor({ cluster }, arch)).version);
  return new Map(spec.machines.map(({ name }) => [name, versions.get(name) ?? '']));
}

function requireSkew(version: string, present: ReadonlyMap<string, string>): void {
  const far = tooFar(version, present);
  if (far.length === 0) return;
  const machines = far.map((each) => `${each.machine} (${each.version || '–'})`).join(', ');
  throw new ProvisioningError(
    'VersionSkew',
    text('error.versionSkew', { version, machines }),
    text('error.versionSkew.remedy'),
  );
}

async function gate({ spec, options, signal }: Upgrade, settledMs: number): Promise<void> {
  const cluster = { spec, paths: clusterPaths(spec.name, options.home) };
  const question = (): Promise<string[]> => healthProblems(cluster, signal);
  const problems = await waitUntilHealthy([question], { settledMs, timeoutMs: 30_000 }, signal);
  if (problems.length === 0) return;
  throw new ProvisioningError(
    'NotHealthy',
    text('error.notHealthy', { problems: problems.join('; ') }),
    text('error.notHealthy.remedy'),
  );
}

/** Changes one machine; the reason when it, or the cluster with it, does not get well. */
async function changeMachine(upgrade: Upgrade, machine: MachineSpec, runs: RunResult[]): Promise<string | undefined> {
  const { spec, options, signal } = upgrade;
  const { name } = machine;
  const isAlone = spec.machines.length === 1;
  const wasCordoned = await withClient(
    spec,
    options,
    async (client) => (await readNode(client, name, signal))?.spec?.unschedulable === true,
  );
  const moves = options.drain !== false && !isAlone;
  try {
    if (moves) await drainMachine(spec, name, options);
    const run = await runPlan(planMachines(spec, [name]), spec, options);
    runs.push(run);
    if (!run.ok) {
      signal.throwIfAborted();
      return run.steps.find((step) => step.error !== undefined)?.error ?? 'a step failed';
    }
    const times = {
      settledMs: (options.settledSeconds ?? 3) * 1000,
      timeoutMs: (options.healthSeconds ?? 180) * 1000,
    };
    const cluster = { spec, paths: clusterPaths(spec.name, options.home) };
    const heard = await lastHeartbeat(cluster, name, signal);
    const questions = [
      (): Promise<string[]> => healthProblems(cluster, signal),
      machineProblem(cluster, name, heard, signal),
    ];
    const problems = await reported(options, 'health', name, text('step.health'), () =>
      waitUntilHealthy(questions, times, signal),
    );
    return problems.length === 0 ? undefined : problems.join('; ');
  } catch (error) {
    signal.throwIfAborted();
    return error instanceof Error ? error.message : String(error);
  } finally {
    if (moves && !wasCordoned) await withClient(spec, options, (client) => setSchedulable(client, name, true));
  }
}

/** Every changed machine runs again what it ran, the last one first. */
async function goBack({ spec, options, present }: Upgrade, changed: readonly MachineSpec[]): Promise<void> {
  const signal = new AbortController().signal; // going back is not given up half way
  const cluster = { spec, paths: clusterPaths(spec.name, options.home) };
  for (const machine of [...changed].reverse()) {
    const version = present.get(machine.name) ?? '';
    await reported(options, 'return', machine.name, text('step.return', { version }), async () => {
      const heard = await lastHeartbeat(cluster, machine.name, signal).catch(() => '');
      const isSwitched = await withMachine(spec, machine, { ...options, signal }, async (transport) => {
        const runs = await currentVersion(transport);
        if (runs !== version) await switchTo(transport, machine, version);
        return runs !== version;
      });
      // Others may still be ill with the version that is being left: only this machine is waited for.
      const question = machineProblem(cluster, machine.name, heard, signal);
      if (isSwitched) await waitUntilHealthy([question], { settledMs: 0, timeoutMs: 60_000 }, signal);
    });
  }
}
