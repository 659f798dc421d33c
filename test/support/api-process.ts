// An API server alone, as its own process on an etcd that the test owns: to be killed, restarted and doubled.
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { EtcdAccess } from '../../machinery/etcd/index.ts';

const program = join(import.meta.dirname, '../../cli/programs/control-plane.ts');

export interface ApiProcess {
  readonly url: string;
  readonly kubeconfigPath: string;
  /** Where its inspector listens, when it was asked for. */
  readonly inspectorUrl: string | undefined;
  /** SIGKILL, and waits until the process is gone. */
  kill(): Promise<void>;
  /** Starts it again at the same address after it was killed. */
  restart(): Promise<void>;
  /** Ends it the polite way. */
  close(): Promise<void>;
}

/** Starts one; `name` is its folder below `folder`. */
export async function startApiProcess(options: {
  readonly folder: string;
  readonly name: string;
  readonly etcd: EtcdAccess;
  readonly pkiDir: string;
  readonly flags?: readonly string[];
  /** Opens Node's inspector on a port of its own. */
  readonly isInspected?: boolean;
}): Promise<ApiProcess> {
  const { folder, name, etcd, pkiDir, flags = [], isInspected = false } = options;
  const kubeconfigPath = join(folder, `${name}.kubeconfig`);
  const start = (listen: string): ChildProcess =>
    spawn(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        ...(isInspected ? ['--inspect=127.0.0.1:0'] : []),
        program,
        `--listen=${listen}`,
        '--components=api',
        `--etcd=${etcd.endpoints.join(',')}`,
        `--pki-dir=${pkiDir}`,
        `--data-dir=${join(folder, name)}`,
        `--kubeconfig-out=${kubeconfigPath}`,
        ...flags,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
  let child = start('127.0.0.1:0');
  const { url, inspectorUrl } = await untilReady(child);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill(signal);
    await gone;
  };
  return {
    url,
    kubeconfigPath,
    inspectorUrl,
    kill: () => end('SIGKILL'),
    close: () => end('SIGTERM'),
    async restart() {
      child = start(new URL(url).host);
      await untilReady(child);
    },
  };
}

function untilReady(child: ChildProcess): Promise<Pick<ApiProcess, 'url' | 'inspectorUrl'>> {
  let seen = '';
  let inspectorUrl: string | undefined;
  return new Promise((resolve, reject) => {
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      seen = (seen + text).slice(-20_000);
      inspectorUrl ??= /Debugger listening on (ws:\S+)/.exec(seen)?.[1];
      const url = /control plane ready at (https:\/\/[^\s,]+)/.exec(seen)?.[1];
      if (url !== undefined) resolve({ url, inspectorUrl });
    });
    child.once('exit', (code) => reject(new Error(`the API server ended with ${code}:\n${seen}`)));
  });
}
