// Provisioning against its floor (provisioning-floor.ts), on equal bare machines in the same run. Then running again, uploading against scp, and many machines at once.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import {
  type ClusterSpec,
  createClusterSpec,
  type LabMachine,
  type LabStatus,
  preflight,
} from '../../provisioning/index.ts';
import { waitForSsh } from '../../provisioning/machines/lab/wait-for-ssh.ts';
import { withMachine } from '../../provisioning/transport/with-machine.ts';
import { runCli, runCliJson } from '../support/cli.ts';
import { floor, shell, sshFlags, timed } from './provisioning-floor.ts';
import type { Figure, Section } from './report.ts';

async function withLab<T>(
  env: NodeJS.ProcessEnv,
  work: (lab: LabStatus, name: string) => Promise<T>,
  shape: { readonly masters: number; readonly workers: number } = { masters: 1, workers: 2 },
): Promise<T> {
  const name = `bp${process.pid % 10_000}`;
  const machines = ['--masters', String(shape.masters), '--workers', String(shape.workers)];
  try {
    return await work(await runCliJson<LabStatus>(['lab', 'up', '--name', name, '--bare', ...machines], env), name);
  } finally {
    await runCli(['lab', 'down', '--name', name], env);
  }
}

async function roads(env: NodeJS.ProcessEnv, folder: string, log: (line: string) => void): Promise<Figure[]> {
  log('three bare machines, the bare script');
  const floorSeconds = await withLab(env, (lab) => floor(lab.machines, folder));
  return withLab(env, async (lab, name) => {
    log('three bare machines, provision');
    const file = clusterFile(folder, name, lab.machines);
    const seconds = await timed(() => runCliJson(['provision', '-f', file], env));
    log('the same again');
    let changed = -1;
    const again = await timed(async () => {
      const result = await runCliJson<{ steps: { state: string }[] }>(['provision', '-f', file], env);
      changed = result.steps.filter(({ state }) => state !== 'skipped').length;
    });
    return [
      { name: 'the bare script on three machines', value: floorSeconds, unit: 's', note: 'the floor of this run' },
      { name: 'three bare machines to all Ready', value: seconds, unit: 's' },
      { name: 'provision / bare script', value: seconds / floorSeconds, unit: '×', bar: { atMost: 1.3 } },
      {
        name: 'running again on a finished cluster',
        value: again,
        unit: 's',
        bar: { atMost: 3 },
        note: `${changed} steps changed something`,
      },
      ...(await uploads(lab, name, folder, env, log)),
    ] as Figure[];
  });
}

/** Writes the cluster file of `machines`; answers its path. */
function clusterFile(folder: string, name: string, machines: readonly LabMachine[]): string {
  const file = join(folder, 'cluster.yaml');
  const described = machines.map(({ name: label, address, role, keyPath }) => ({
    name: label,
    address,
    role,
    keyPath,
  }));
  writeFileSync(file, JSON.stringify({ name, machines: described }));
  return file;
}

/** Three masters and three workers against the floor of one machine; and one more worker for them. */
async function large(env: NodeJS.ProcessEnv, folder: string, log: (line: string) => void): Promise<Figure[]> {
  log('one bare master, the bare script');
  const one = await withLab(env, (lab) => floor(lab.machines, folder), { masters: 1, workers: 0 });
  return withLab(
    env,
    async (lab, name) => {
      log('three masters and three workers, provision');
      const file = clusterFile(folder, name, lab.machines.slice(0, 6));
      const seconds = await timed(() => runCliJson(['provision', '-f', file], env));
      log('one more worker');
      const { name: label, address, keyPath } = lab.machines.at(-1) as LabMachine;
      const place = ['--address', address, '--key', keyPath];
      const added = await timed(() => runCliJson(['machine', 'add', label, '-c', name, ...place], env));
      return [
        { name: 'the bare script on one machine', value: one, unit: 's', note: 'the floor of this run' },
        { name: 'three masters and three workers to all Ready', value: seconds, unit: 's' },
        { name: 'six machines / bare script on one', value: seconds / one, unit: '×', bar: { atMost: 2 } },
        { name: 'adding one machine', value: added, unit: 's', bar: { atMost: 45 } },
      ] as Figure[];
    },
    { masters: 3, workers: 4 },
  );
}

async function uploads(
  lab: LabStatus,
  name: string,
  folder: string,
  env: NodeJS.ProcessEnv,
  log: (line: string) => void,
): Promise<Figure[]> {
  log('a file of 256 MB by scp and by our own connection, in turn');
  const file = join(folder, 'payload');
  execFileSync('dd', ['if=/dev/urandom', `of=${file}`, 'bs=1M', 'count=256'], { stdio: 'ignore' });
  const [machine] = lab.machines as [LabMachine];
  const spec = createClusterSpec({ name, machines: [{ ...pick(machine), role: 'both' }] });
  const own: number[] = [];
  const scp: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    scp.push(
      await timed(() =>
        shell(`scp -q -i ${machine.keyPath} ${sshFlags.join(' ')} ${file} root@${machine.address}:/tmp/by-scp`),
      ),
    );
    own.push(
      await withMachine(
        spec,
        spec.machines[0] as ClusterSpec['machines'][number],
        { home: env['PILOTHOUSE_HOME'] },
        (transport) => timed(() => transport.upload(file, '/tmp/by-us')),
      ),
    );
  }
  const [ours, theirs] = [own, scp].map((list) => [...list].sort((a, b) => a - b)[1] ?? 0) as [number, number];
  const megabytes = statSync(file).size / 1e6;
  return [
    { name: 'scp', value: megabytes / theirs, unit: '/s', note: 'MB/s, the raw figure of this run' },
    {
      name: 'upload / scp',
      value: theirs / ours,
      unit: '×',
      bar: { atLeast: 0.7 },
      note: `${(megabytes / ours).toFixed(0)} MB/s`,
    },
  ];
}

function pick({ name, address, keyPath }: LabMachine): object {
  return { name, address, keyPath };
}

/** What one sshd listens on at most (its MAX_LISTEN_SOCKS). */
const mostPorts = 16;

/** Real sshds on `count` loopback ports: as many machines as far as SSH is concerned. */
async function manyPorts(folder: string, count: number): Promise<{ ports: number[]; servers: ChildProcess[] }> {
  const probes = await Promise.all(
    Array.from({ length: count }, async () => {
      const probe = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => probe.once('listening', resolve));
      return probe;
    }),
  );
  const ports = probes.map((probe) => (probe.address() as AddressInfo).port);
  await Promise.all(probes.map((probe) => new Promise((resolve) => probe.close(resolve))));
  for (const key of ['host', 'user'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, key)]);
  mkdirSync('/run/sshd', { recursive: true });
  const options = [
    'PidFile none',
    `AuthorizedKeysFile ${folder}/user.pub`,
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin yes',
    'ListenAddress 127.0.0.1',
    'MaxStartups 200',
  ];
  const flags = [
    '-D',
    '-e',
    '-f',
    '/dev/null',
    '-h',
    join(folder, 'host'),
    ...options.flatMap((option) => ['-o', option]),
  ];
  const servers: ChildProcess[] = [];
  for (let at = 0; at < ports.length; at += mostPorts) {
    const own = ports.slice(at, at + mostPorts);
    servers.push(
      spawn('/usr/sbin/sshd', [...flags, ...own.flatMap((port) => ['-p', String(port)])], { stdio: 'ignore' }),
    );
    if (!(await waitForSsh('127.0.0.1', 10_000, undefined, own[0] ?? 0))) throw new Error('sshd does not answer');
  }
  return { ports, servers };
}

async function many(folder: string, log: (line: string) => void): Promise<Figure[]> {
  log('preflight of 10 and of 50 machines over real SSH on loopback');
  const { ports, servers } = await manyPorts(folder, 50);
  try {
    const examine = (count: number): Promise<number> => {
      const machines = ports.slice(0, count).map((port, index) => ({
        name: `m${index}`,
        address: '127.0.0.1',
        port,
        user: userInfo().username,
        role: index === 0 ? 'both' : 'node',
        keyPath: join(folder, 'user'),
      }));
      const spec = createClusterSpec({ name: `many-${count}`, machines });
      return timed(() => preflight(spec, { home: folder }));
    };
    await examine(2); // what is loaded and compiled once
    const first = await examine(10);
    const before = process.memoryUsage().rss;
    const fifty = await examine(50);
    const grown = (process.memoryUsage().rss - before) / 2 ** 20;
    // Before and after, so that what else the computer does meets both alike.
    const ten = (first + (await examine(10))) / 2;
    return [
      { name: 'preflight of 10 machines', value: ten, unit: 's' },
      { name: 'preflight of 50 machines', value: fifty, unit: 's' },
      {
        name: '50 machines / 5 × 10 machines',
        value: fifty / (5 * ten),
        unit: '×',
        bar: { atMost: 1.2 },
        note: 'linear or better',
      },
      { name: 'memory grown for 50 machines', value: grown, unit: 'MB', bar: { atMost: 150 } },
    ];
  } finally {
    const ended = servers.map((server) => new Promise((resolve) => server.once('exit', resolve)));
    for (const server of servers) server.kill('SIGTERM');
    await Promise.all(ended);
  }
}

export const provisioningSection: Section = {
  name: 'provisioning',
  describe: 'bare machines to a cluster against a bare script; again; uploads; many machines',
  run: async (log) => {
    const folder = mkdtempSync(join(tmpdir(), 'pilothouse-bench-prov-'));
    try {
      const env = { PILOTHOUSE_HOME: join(folder, 'home') };
      const figures = await many(folder, log);
      return [...(await roads(env, folder, log)), ...(await large(env, folder, log)), ...figures];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
