// A control plane under the ruler of ../shared/bench: how it is started, loaded, weighed and ended. The raw put rate of
// an etcd of its own is taken before and after the load, because the machine drifts.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../support/until.ts';

const root = join(import.meta.dirname, '../..');
const ruler = join(root, '../shared/bench');
const program = process.env['BENCH_PROGRAM'] ?? join(root, 'dist/control-plane.mjs');
/** As the unit file of a master starts it. */
const nodeFlags: readonly string[] = ['--max-semi-space-size=16', '--v8-pool-size=2'];

/** Why nothing can be measured here, or undefined. */
export function whyNot(): string | undefined {
  if (!existsSync(join(ruler, 'bench.mjs'))) return '../shared/bench is not beside this checkout';
  return existsSync(program) ? undefined : `${program} is missing: run \`npm run build\` first`;
}

/** Runs a script of the ruler and gives its standard output. */
async function runRuler(script: string, args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [join(ruler, script), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, output };
}

/** Puts per second of 1,500 bytes, one at a time and 64 in flight, on an etcd without TLS made for it. */
export async function rawEtcd(): Promise<{ one: number; many: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'pilothouse-bench-etcd-'));
  const [client, peer] = await Promise.all([freePort(), freePort()]);
  const endpoint = `http://127.0.0.1:${client}`;
  const peers = `http://127.0.0.1:${peer}`;
  const flags = {
    'data-dir': join(folder, 'data'),
    'listen-client-urls': endpoint,
    'advertise-client-urls': endpoint,
    'listen-peer-urls': peers,
    'initial-advertise-peer-urls': peers,
    'initial-cluster': `default=${peers}`,
    'log-level': 'error',
  };
  const etcd = spawn(
    'etcd',
    Object.entries(flags).map(([name, value]) => `--${name}=${value}`),
    { stdio: 'ignore' },
  );
  try {
    await until(
      'etcd',
      () =>
        fetch(`${endpoint}/health`).then(
          (answer) => answer.ok,
          () => false,
        ),
      30_000,
    );
    const { output } = await runRuler('etcd-put.mjs', ['--endpoint', endpoint]);
    const figures = JSON.parse(output) as { one_client: { per_s: number }; clients_64: { per_s: number } };
    return { one: figures.one_client.per_s, many: figures.clients_64.per_s };
  } finally {
    await end(etcd);
    rmSync(folder, { recursive: true, force: true });
  }
}

export interface Plane {
  readonly kubeconfig: string;
  /** The processes to weigh: the server's first. */
  readonly pids: Readonly<Record<string, number>>;
  /** From the start of the process, its certificates and its etcd included, until it is ready. */
  readonly readyMs: number;
}

/** Starts an etcd, then the processes with the given components (one each), measures, and ends everything. */
export async function withPlane<T>(components: readonly string[], use: (plane: Plane) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'pilothouse-bench-plane-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const children: ChildProcess[] = [];
  const start = (name: string, flags: readonly string[]): ChildProcess => {
    const args = [...nodeFlags, program, '--listen', '127.0.0.1:0', '--data-dir', join(folder, name), ...flags];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    children.push(child);
    return child;
  };
  try {
    const pids: Record<string, number> = {};
    let readyMs = 0;
    for (const [index, part] of components.entries()) {
      const begun = performance.now();
      const flags = index === 0 ? ['--embedded-etcd', '--kubeconfig-out', kubeconfig] : ['--kubeconfig', kubeconfig];
      const child = start(`part-${index}`, [...flags, '--components', part]);
      pids[index === 0 ? 'server' : 'others'] = child.pid ?? 0;
      if (index > 0) continue;
      // It is written once the server is ready, which the ruler then confirms.
      await until('the kubeconfig', () => existsSync(kubeconfig), 60_000, 5);
      readyMs = performance.now() - begun;
      await runRuler('bench.mjs', ['--kubeconfig', kubeconfig, '--wait-ready', '60']);
      const etcd = childOf(child.pid ?? 0);
      if (etcd !== undefined) pids['etcd'] = etcd;
    }
    return await use({ kubeconfig, pids, readyMs });
  } finally {
    for (const child of children.reverse()) await end(child);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the ruler measured in one phase. */
export interface Phase {
  readonly server_cpu_s: Readonly<Record<string, number>>;
  readonly other_cpu_s: number;
  readonly results: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly error?: string;
}

/** Phases by their letters. */
export type Phases = Readonly<Record<string, Phase>>;

/** One number of the ruler's, or NaN when its phase failed. */
export function figure(phases: Phases, phase: string, measure: string, name: string): number {
  return phases[phase]?.results[measure]?.[name] ?? NaN;
}

/** Loads the plane with phases of the ruler, whose own table goes to `log`. */
export async function load(plane: Plane, only: string, log: (line: string) => void): Promise<Phases> {
  const folder = mkdtempSync(join(tmpdir(), 'pilothouse-bench-out-'));
  const out = join(folder, 'out.json');
  const pids = Object.entries(plane.pids).map(([name, pid]) => `${name}=${pid}`);
  try {
    const args = ['--kubeconfig', plane.kubeconfig, '--server-pids', pids.join(','), '--only', only, '--json', out];
    const { code, output } = await runRuler('bench.mjs', args);
    for (const line of output.trimEnd().split('\n')) log(line);
    if (code !== 0 || !existsSync(out)) log(`the ruler ended with ${code}`);
    const { phases } = JSON.parse(readFileSync(out, 'utf8')) as { phases: Record<string, Phase> };
    for (const [name, phase] of Object.entries(phases))
      if (phase.error !== undefined) log(`phase ${name}: ${phase.error}`);
    return phases;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The CPU time that a phase took, by process: steadier than its wall time on a busy machine. */
export function cpuNote(phase: Phase | undefined): string {
  const parts = Object.entries(phase?.server_cpu_s ?? {}).map(([name, seconds]) => `${name} ${seconds.toFixed(1)} s`);
  return `CPU: ${parts.join(', ')}; others on the machine ${phase?.other_cpu_s.toFixed(1) ?? '?'} s`;
}

/** What a process holds in memory now, in MiB. */
export function residentMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

/** Waits in real time: what a bench measures after a while. */
export function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

function childOf(pid: number): number | undefined {
  const listed = execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' });
  return listed
    .split('\n')
    .map(Number)
    .find((child) => child > 0);
}

/** Ends a process and waits for it. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.on('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
