// `npm start -- --simulate`: the real control plane with an in-memory store and hollow nodes, as child processes of
// this command. Nothing is installed and nothing outlives it.
import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, deploySamples } from './deploy-samples.ts';
import { CommandError } from './output.ts';
import { root } from './root.ts';
import { simulatedApplications } from './sample-applications.data.ts';

export interface Simulation {
  /** A console home that knows this cluster only. */
  readonly home: string;
  readonly kubeconfigPath: string;
  close(): Promise<void>;
}

function startChild(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', join(root, 'cli/main.ts'), ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

/** Resolves when the child prints this text on stderr; rejects with its last words when it ends before. */
function untilPrinted(child: ChildProcess, text: string): Promise<void> {
  let seen = '';
  return new Promise((resolve, reject) => {
    child.stderr?.on('data', (data: Buffer) => {
      seen = (seen + data.toString()).slice(-8000);
      if (seen.includes(text)) resolve();
    });
    child.on('exit', (code) => {
      reject(
        new CommandError(
          `A part of the simulation ended with ${code}:\n${seen.trimEnd()}`,
          'run it again; if it stays, report these lines.',
        ),
      );
    });
  });
}

function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.on('exit', () => resolve());
    child.kill('SIGTERM');
  });
}

/** Starts the simulated cluster with this many nodes and its sample workloads. */
export async function startSimulation(nodes: number): Promise<Simulation> {
  const home = mkdtempSync(join(tmpdir(), 'pilothouse-simulation-'));
  const clusterDir = join(home, 'clusters/simulation');
  mkdirSync(clusterDir, { recursive: true });
  const kubeconfigPath = join(home, 'kubeconfig');
  const children: ChildProcess[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(children.map(stopChild));
    rmSync(home, { recursive: true, force: true });
  };
  try {
    const flags = [
      '--memory',
      '--listen',
      '127.0.0.1:0',
      '--data-dir',
      join(home, 'data'),
      '--kubeconfig-out',
      kubeconfigPath,
    ];
    const controlPlane = startChild(['control-plane', ...flags]);
    children.push(controlPlane);
    await untilPrinted(controlPlane, 'control plane ready');
    if (!existsSync(kubeconfigPath)) throw new CommandError('The control plane wrote no kubeconfig.', 'run it again.');
    copyFileSync(kubeconfigPath, join(clusterDir, 'kubeconfig'));
    children.push(startChild(['hollow-nodes', '--count', String(nodes), '--kubeconfig', kubeconfigPath]));
    const client = connect(kubeconfigPath);
    try {
      await deploySamples(client, simulatedApplications);
    } finally {
      client.close();
    }
    return { home, kubeconfigPath, close };
  } catch (error) {
    await close();
    throw error;
  }
}
