// `pilothouse start`, what `npm start` runs: a cluster on screen, a local lab where none is known yet.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { LabStatus } from '../../provisioning/index.ts';
import { CommandError, printLine, printProgress } from '../output.ts';
import { createProgressPrinter } from '../progress.ts';
import { labApplication } from '../sample-applications.data.ts';
import { abortOnSignals } from '../signals.ts';

interface StartFlags {
  readonly simulate?: boolean;
  readonly nodes: string;
  readonly open: boolean;
  readonly web?: boolean;
  readonly console: boolean;
}

const labName = 'lab';
const sampleTimeoutMs = 120_000;

/** The clusters that the console knows, other than the lab, which is looked at by itself. */
function knownClusters(homeDir: string): string[] {
  const folder = join(homeDir, 'clusters');
  return existsSync(folder)
    ? readdirSync(folder).filter((name) => name !== labName && existsSync(join(folder, name, 'kubeconfig')))
    : [];
}

async function deployLabApplication(lab: LabStatus, signal: AbortSignal): Promise<void> {
  if (lab.kubeconfigPath === undefined) return;
  const begun = performance.now();
  const { connect, deploySamples, untilAvailable } = await import('../deploy-samples.ts');
  const client = connect(lab.kubeconfigPath);
  const late = AbortSignal.timeout(sampleTimeoutMs);
  try {
    await deploySamples(client, [labApplication]);
    await untilAvailable(client, labApplication, AbortSignal.any([signal, late]));
  } catch (cause) {
    if (signal.aborted || !late.aborted) throw cause;
    const remedy = 'open the console; the placement map and the events of deployment web say why.';
    throw new CommandError(`The sample application was not ready after ${sampleTimeoutMs / 1000} s.`, remedy, {
      cause,
    });
  } finally {
    client.close();
  }
  printProgress(
    `  ✔ ${((performance.now() - begun) / 1000).toFixed(1).padStart(6)} s  Sample application: 2 replicas behind a Service`,
  );
}

function printLab(lab: LabStatus): void {
  printLine();
  printLine(`kubeconfig  ${lab.kubeconfigPath ?? ''}`);
  const worker = lab.machines.find((machine) => machine.role !== 'master') ?? lab.machines[0];
  if (worker !== undefined) printLine(`sample app  http://${worker.address}:${labApplication.nodePort ?? 80}`);
  printLine(`remove lab  ${lab.removeCommand}`);
}

async function startLab(signal: AbortSignal): Promise<void> {
  const { homeDir, labStatus, labUp } = await import('../../provisioning/index.ts');
  const known = knownClusters(homeDir());
  const before = await labStatus({ name: labName });
  if (known.length > 0 && before.state === 'absent') {
    printProgress(`Clusters known here: ${known.join(', ')}.`);
    return;
  }
  printProgress(before.state === 'absent' ? 'Local lab: one master and two workers' : 'Local lab: found');
  const progress = createProgressPrinter();
  try {
    const lab = await labUp({ name: labName, onProgress: progress.onProgress, signal });
    progress.close();
    await deployLabApplication(lab, signal);
    printLab(lab);
  } finally {
    progress.close();
  }
}

async function startSimulated(
  nodes: string,
  signal: AbortSignal,
): Promise<{ home: string; close: () => Promise<void> }> {
  const { startSimulation } = await import('../simulation.ts');
  const count = Number(nodes);
  if (!Number.isInteger(count) || count < 1)
    throw new CommandError(`--nodes ${nodes} is not a number of nodes.`, 'give a whole number.', { exitCode: 2 });
  printProgress(`Simulated cluster: a real control plane in memory, ${count} hollow nodes`);
  const simulation = await startSimulation(count);
  signal.throwIfAborted();
  printLine(`kubeconfig  ${simulation.kubeconfigPath}`);
  return simulation;
}

/** Adds `start`. */
export function addStartCommand(program: Command): void {
  program
    .command('start')
    .description('open the console on a cluster, making a local lab where none is known yet (what npm start runs)')
    .option('--simulate', 'a simulated cluster: no root, Docker or etcd needed')
    .option('--nodes <n>', 'hollow nodes of the simulated cluster', '50')
    .option('--web', 'serve the console to a browser and print the address')
    .option('--no-open', 'open no window, only print the address')
    .option('--no-console', 'end when the cluster is up')
    .action(async (flags: StartFlags) => {
      const signal = abortOnSignals();
      const simulation = flags.simulate === true ? await startSimulated(flags.nodes, signal) : undefined;
      try {
        if (simulation === undefined) await startLab(signal);
        if (!flags.console) return;
        const { runConsole } = await import('../open-console.ts');
        await runConsole({ home: simulation?.home, web: flags.web, port: 0, open: flags.open }, signal);
      } finally {
        await simulation?.close();
        if (simulation === undefined)
          printProgress(`\nThe lab goes on running. To remove it: npx --no-install pilothouse lab down`);
      }
      process.exit();
    });
}
