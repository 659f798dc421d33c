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
  RunOptions,
} from '../../provisioning/index.ts';
import { passphraseFromFile } from '../cluster-choice.ts';
import { CommandError, printJson, printLine, printProgress } from '../output.ts';
import { say } from '../language.ts';
import { createProgressPrinter } from '../progress.ts';
import { abortOnSignals } from '../signals.ts';

interface ProvisionFlags {
  readonly file: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly bundle?: string;
  readonly key?: string;
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
    throw new CommandError(`The cluster file ${path} cannot be read.`, 'check the path given with -f.', {
      exitCode: 2,
      cause,
    });
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
      printProgress(`    ${check.severity === 'error' ? 'error' : 'warning'}: ${say(check.message)}`);
      if (check.remedy !== undefined) printProgress(`    next step: ${say(check.remedy)}`);
    }
  }
}

function printPlan(plan: Plan): void {
  printLine(`Plan for ${plan.cluster}: ${plan.steps.length} steps`);
  for (const step of plan.steps) printLine(`  ${(step.machine ?? 'here').padEnd(14)} ${say(step.title)}`);
  for (const note of plan.notes) printLine(`  note: ${say(note)}`);
}

/** What `--bundle` and `--key` say. */
function bundleOptions({ bundle, key }: ProvisionFlags): Pick<ProvisionOptions, 'bundle' | 'bundleKey'> {
  return bundle === undefined ? {} : { bundle: resolve(bundle), bundleKey: key };
}

/** Keeps passwords and keys for later commands, encrypted, when a passphrase is at hand. */
async function keepCredentials(spec: ClusterSpec): Promise<void> {
  const { clusterPaths, hasSecrets, sealCredentials } = await provisioning();
  const passphrase = passphraseFromFile();
  if (passphrase === undefined || !hasSecrets(spec)) return;
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
      else if (result.ok) printLine(`Cluster ${result.cluster} is ready.\nkubeconfig  ${result.kubeconfigPath}`);
      if (!result.ok) process.exitCode = 1;
    });
  program
    .command('deprovision')
    .description('take a cluster off its machines and leave them as they were found')
    .requiredOption('-f, --file <file>', 'the cluster file')
    .option('--json', 'print one JSON document on stdout')
    .action(async (flags: ProvisionFlags) => {
      const spec = await readSpec(flags.file);
      const { deprovision } = await provisioning();
      const result = await withProgress((options) => deprovision(spec, options));
      if (flags.json === true) printJson(result);
      else if (result.ok) printLine('The machines are as they were found.');
      if (!result.ok) process.exitCode = 1;
    });
}
