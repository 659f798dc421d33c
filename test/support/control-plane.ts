// A whole control plane for a test: the program as users run it, with a real embedded etcd or in memory, on free ports,
// with hollow nodes if wished. It ends with the test.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

export interface TestControlPlane {
  readonly kubeconfigPath: string;
  readonly url: string;
  readonly process: ChildProcess;
  readonly folder: string;
  /** Starts the same control plane again after it was killed; same data, same address. */
  restart(): Promise<void>;
  /** SIGTERM to the control plane alone, and waits for its end. */
  stop(): Promise<void>;
  /** Ends the hollow nodes at once, as machines that lose their power. */
  loseNodes(): Promise<void>;
  close(): Promise<void>;
}

export interface ControlPlaneWishes {
  /** Default `embedded-etcd`. */
  readonly store?: 'embedded-etcd' | 'memory';
  readonly hollowNodes?: number;
  readonly flags?: readonly string[];
}

function startChild(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', join(root, 'cli/main.ts'), ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

function untilReady(child: ChildProcess): Promise<string> {
  let seen = '';
  return new Promise((resolve, reject) => {
    child.stderr?.on('data', (data: Buffer) => {
      seen = (seen + data.toString()).slice(-20_000);
      const url = /control plane ready at (https:\/\/[^\s,]+)/.exec(seen)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.on('exit', (code) => reject(new Error(`the control plane ended with ${code}:\n${seen}`)));
  });
}

function stopChild(child: ChildProcess | undefined, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.on('exit', () => resolve());
    child.kill(signal);
  });
}

/** Starts it and waits until it is ready. */
export async function startControlPlane(wishes: ControlPlaneWishes = {}): Promise<TestControlPlane> {
  const folder = mkdtempSync(join(tmpdir(), 'pilothouse-test-'));
  const kubeconfigPath = join(folder, 'kubeconfig');
  const flags = [
    `--${wishes.store ?? 'embedded-etcd'}`,
    '--data-dir',
    join(folder, 'data'),
    '--kubeconfig-out',
    kubeconfigPath,
    ...(wishes.flags ?? []),
  ];
  let child = startChild(['control-plane', ...flags, '--listen', '127.0.0.1:0']);
  let nodes: ChildProcess | undefined;
  const close = async (): Promise<void> => {
    await Promise.all([stopChild(nodes), stopChild(child)]);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const url = await untilReady(child);
    if (wishes.hollowNodes !== undefined) {
      nodes = startChild(['hollow-nodes', '--count', String(wishes.hollowNodes), '--kubeconfig', kubeconfigPath]);
    }
    const restart = async (): Promise<void> => {
      await stopChild(child);
      child = startChild(['control-plane', ...flags, '--listen', new URL(url).host]);
      await untilReady(child);
    };
    return {
      kubeconfigPath,
      url,
      folder,
      restart,
      stop: () => stopChild(child),
      loseNodes: () => stopChild(nodes, 'SIGKILL'),
      close,
      get process() {
        return child;
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
