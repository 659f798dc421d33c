// `pilothouse provision` and `deprovision`: from a cluster file to a running cluster, and back to bare machines.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import type * as Provisioning from '../../provisioning/index.ts';
import type {
  ClusterSpec,
  MachineFacts,
  Plan,
  PreflightReport,
  ProvisionOptions,
  ProvisionResult,
  RunOptions,
} from '../../provisioning/index.ts';
import { vaultPassphrase } from '../cluster-choice.ts';
import { printJson, printLine, printProgress } from '../output.ts';
import { commandError, sentence, tell } from '../text.ts';
import { say } from '../language.ts';
import { createProgressPrinter } from '../progress.ts';
import { abortOnSignals } from '../signals.ts';

interface ProvisionFlags {
  readonly file: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly bundle?: string;
  readonly key?: string;
  readonly eraseEtcd?: boolean;
}

/** Provisioning, loaded when a command needs it, so that the others start without it. */
const provisioning = (): Promise<typeof Provisioning> => import('../../provisioning/index.ts');

async function readSpec(file: string): Promise<ClusterSpec> {
  const { readClusterFile, userSshConfig } = await provisioning();
  const path = resolve(file);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw commandError('file.unreadable', { path }, { exitCode: 2, cause });
  }
  return readClusterFile(text, { baseDir: dirname(path), sshConfig: userSshConfig() });
}

/** Prints every failed check of every machine with its remedy, on stderr. */
function printReport(report: PreflightReport): void {
  for (const machine of report.machines) {
    const failed = machine.checks.filter((check) => !check.ok);
    printProgress(
      `${failed.length === 0 ? '✔' : '✘'} ${machine.name} (${machine.address})${machine.hostKey === undefined ? '' : `  ${machine.hostKey}`}`,
    );
    for (const check of failed) {
      const message = say(check.message);
      printProgress(`    ${sentence(check.severity === 'error' ? 'check.error' : 'check.warning', { message })}`);
      if (check.remedy !== undefined) printProgress(`    ${sentence('check.next', { remedy: say(check.remedy) })}`);
    }
  }
}

function printPlan(plan: Plan): void {
  tell('plan.title', { cluster: plan.cluster, count: plan.steps.length });
  for (const step of plan.steps)
    printLine(`  ${(step.machine ?? sentence('plan.here')).padEnd(14)} ${say(step.title)}`);
  for (const note of plan.notes) printLine(`  ${sentence('plan.note', { note: say(note) })}`);
}

/** Says that the cluster is there, and where the key to it lies. */
export function printReady({ cluster, kubeconfigPath }: Pick<ProvisionResult, 'cluster' | 'kubeconfigPath'>): void {
  tell('provision.ready', { cluster });
  printLine(`kubeconfig  ${kubeconfigPath}`);
}

/** What `--bundle` and `--key` say. */
function bundleOptions({ bundle, key }: ProvisionFlags): Pick<ProvisionOptions, 'bundle' | 'bundleKey'> {
  return bundle === undefined ? {} : { bundle: resolve(bundle), bundleKey: key };
}

/** Keeps passwords and keys for later commands, encrypted, when a passphrase is at hand. */
async function keepCredentials(spec: ClusterSpec): Promise<void> {
  const { clusterPaths, hasSecrets, sealCredentials } = await provisioning();
  if (!hasSecrets(spec)) return;
  const passphrase = await vaultPassphrase('vault.keep');
  if (passphrase === undefined) return;
  const path = clusterPaths(spec.name).sealedCredentials;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, sealCredentials(spec, passphrase), { mode: 0o600 });
}

async function dryRun(spec: ClusterSpec, flags: ProvisionFlags): Promise<void> {
  const { json } = flags;
  const { planCluster, preflight } = await provisioning();
  const report = await preflight(spec, { ...bundleOptions(flags), signal: abortOnSignals() });
  const facts = report.machines
    .map((machine) => machine.facts)
    .filter((fact): fact is MachineFacts => fact !== undefined);
  const plan = report.ok ? planCluster(spec, facts) : undefined;
  if (json === true) printJson({ preflight: report, plan });
  else {
    printReport(report);
    if (plan !== undefined) printPlan(plan);
  }
  if (!report.ok) process.exitCode = 1;
}

async function withProgress<T>(run: (options: RunOptions) => Promise<T>): Promise<T> {
  const progress = createProgressPrinter();
  try {
    return await run({ onProgress: progress.onProgress, signal: abortOnSignals() });
  } finally {
    progress.close();
  }
}

/** Adds `provision` and `deprovision`. */
export function addProvisionCommands(program: Command): void {
  program
    .command('provision')
    .description('make the machines of a cluster file into a cluster; runs again where it stopped')
    .requiredOption('-f, --file <file>', 'the cluster file: machines, roles, SSH users and keys, CIDRs')
    .option('--bundle <file>', 'take programs, packages and images from this bundle; machines need no internet')
    .option('--key <fingerprint>', "the bundle maker's fingerprint, when this computer does not know it yet")
    .option('--dry-run', 'check all machines and show the plan; change nothing')
    .option('--json', 'print one JSON document on stdout')
    .action(async (flags: ProvisionFlags) => {
      const spec = await readSpec(flags.file);
      if (flags.dryRun === true) return dryRun(spec, flags);
      const { provision } = await provisioning();
      await keepCredentials(spec);
      const result = await withProgress((options) => provision(spec, { ...options, ...bundleOptions(flags) }));
      if (flags.json === true) printJson(result);
      else if (result.ok) printReady(result);
      if (!result.ok) process.exitCode = 1;
    });
  program
    .command('deprovision')
    .description('take a cluster off its machines and leave them as they were found')
    .requiredOption('-f, --file <file>', 'the cluster file')
    .option('--erase-etcd', "also delete the cluster's keys from an external etcd; they stay otherwise")
    .option('--json', 'print one JSON document on stdout')
    .action(async (flags: ProvisionFlags) => {
      const spec = await readSpec(flags.file);
      const { deprovision } = await provisioning();
      const result = await withProgress((options) => deprovision(spec, { ...options, eraseEtcd: flags.eraseEtcd }));
      if (flags.json === true) printJson(result);
      else if (result.ok) tell('provision.reverted');
      if (!result.ok) process.exitCode = 1;
    });
}
