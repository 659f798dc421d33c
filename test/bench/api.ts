// The API under load, by the ruler for any Kubernetes API that lies beside the checkout (../shared/bench): our control
// plane with a real embedded etcd, and the raw etcd put rate of the same minute to compare with.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../support/until.ts';
import type { Figure, Section } from './report.ts';

const root = join(import.meta.dirname, '../..');
const ruler = join(root, '../shared/bench');

function run(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<number | null> {
  const child = spawn(process.execPath, [...args], { stdio: ['ignore', 'inherit', 'inherit'], env });
  return new Promise((resolve) => child.on('exit', resolve));
}

function childrenOf(pid: number): number[] {
  const listed = execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' });
  return listed
    .split('\n')
    .map(Number)
    .filter((child) => child > 0);
}

async function withControlPlane<T>(use: (kubeconfig: string, pids: string, folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'pilothouse-bench-api-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const flags = [
    '--embedded-etcd',
    '--listen',
    '127.0.0.1:0',
    '--data-dir',
    join(folder, 'data'),
    '--kubeconfig-out',
    kubeconfig,
  ];
  const program = join(root, 'dist/control-plane.mjs');
  const child: ChildProcess = spawn(process.execPath, [program, ...flags], { stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    await until('the kubeconfig', () => existsSync(kubeconfig), 30_000);
    const [etcd] = childrenOf(child.pid ?? 0);
    return await use(kubeconfig, `etcd=${etcd},controlplane=${child.pid}`, folder);
  } finally {
    const ended = new Promise((resolve) => child.on('exit', resolve));
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Flattens the ruler's JSON into figures: every number of every phase, by its path. */
function figuresOf(value: unknown, path: string[] = []): Figure[] {
  if (typeof value === 'number') return [{ name: path.join(' '), value, unit: '×' }];
  if (typeof value !== 'object' || value === null || path.length > 3) return [];
  return Object.entries(value).flatMap(([key, inner]) => figuresOf(inner, [...path, key]));
}

export const apiSection: Section = {
  name: 'api',
  describe: 'the ruler of ../shared/bench on our control plane with a real etcd',
  run: (log) => {
    if (!existsSync(join(ruler, 'bench.mjs'))) {
      log('skipped: ../shared/bench is not beside this checkout');
      return Promise.resolve([]);
    }
    return withControlPlane(async (kubeconfig, pids, folder) => {
      const out = join(folder, 'out.json');
      const only = process.env['BENCH_ONLY'];
      const args = [
        join(ruler, 'bench.mjs'),
        '--kubeconfig',
        kubeconfig,
        '--server-pids',
        pids,
        '--label',
        'pilothouse',
        '--json',
        out,
      ];
      const code = await run([...args, ...(only === undefined ? [] : ['--only', only])]);
      if (code !== 0) log(`the ruler ended with ${code}`);
      return existsSync(out) ? figuresOf(JSON.parse(readFileSync(out, 'utf8'))) : [];
    });
  },
};
