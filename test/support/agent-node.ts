// A cluster of one real node for tests: a network namespace as the machine, a Docker Engine of its own, the control plane
// with its in-memory store and the agent as processes. The test talks to the API through a door into the namespace.
import { execFileSync, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startDockerDaemon } from '../../agent/testing/docker-daemon.ts';
import type { DockerDaemon } from '../../agent/testing/docker-daemon.ts';
import { nodes, pods } from '../../agent/kubelet/resources.ts';
import type { Pod } from '../../api/kinds/core/index.ts';
import { clusterOf, formatKubeconfig, loadKubeconfig } from '../../machinery/kubeconfig.ts';
import { issueCertificate } from '../../machinery/pki/index.ts';
import { createRestClient } from '../../machinery/rest-client.ts';
import type { RestClient } from '../../machinery/rest-client.ts';
import { createHttpsTransport } from '../../machinery/transport/https.ts';
import { createLan } from './lan.ts';
import type { LanMachine, LanProcess } from './lan.ts';
import { until } from './until.ts';

const root = join(import.meta.dirname, '../..');
const nodeName = 'node-1';
const apiPort = 7443;

export interface AgentNode {
  readonly machine: LanMachine;
  readonly docker: DockerDaemon;
  readonly client: RestClient;
  readonly folder: string;
  startAgent(): void;
  /** Ends the agent and waits until it is gone. */
  endAgent(signal: NodeJS.Signals): Promise<void>;
  agentPid(): number;
  /** Sends a signal that does not end it. */
  signalAgent(signal: NodeJS.Signals): Promise<void>;
  startControlPlane(): Promise<void>;
  endControlPlane(signal: NodeJS.Signals): Promise<void>;
  /** Stops the control plane from running, without ending it, or lets it run on. */
  freezeControlPlane(isFrozen: boolean): void;
  /** The pod once the condition holds. */
  podWhen(name: string, what: string, condition: (pod: Pod) => boolean, timeoutMs?: number): Promise<Pod>;
  /** Ids of running containers and sandboxes, sorted. */
  runningIds(): Promise<string[]>;
  agentLog(): Promise<string>;
  close(): Promise<void>;
}

/**
 * `agentFlags` are given to the agent besides its own, `nodeFlags` to the Node that runs it. With `dataDirBytes` the agent's
 * folder is a file system of that size. `program` is the agent itself, from its source by default.
 */
export async function startAgentNode({
  liveRestore = true,
  agentFlags = [] as readonly string[],
  nodeFlags = [] as readonly string[],
  dataDirBytes = 0,
  program = join(root, 'cli/programs/agent.ts'),
} = {}): Promise<AgentNode> {
  const folder = await mkdtemp(join(tmpdir(), 'pilothouse-node-'));
  const lan = createLan(1, ['10.244.0.0/16', '10.96.0.0/16']);
  const [machine] = lan.machines;
  if (machine === undefined) throw new Error('the LAN has no machine');
  // What the agent mounts for pods must reach Docker, which is in another mount namespace.
  execFileSync('mount', ['--bind', folder, folder]);
  execFileSync('mount', ['--make-shared', folder]);
  const kubeconfig = join(folder, 'kubeconfig');
  const agentLogPath = join(folder, 'agent.log');
  const processes: { agent?: LanProcess; controlPlane?: LanProcess } = {};
  const closers: (() => Promise<void> | void)[] = [];
  const run = (program: string, args: readonly string[], log: string): LanProcess => {
    const output = openSync(log, 'a');
    return machine.start(process.execPath, [join(root, `cli/programs/${program}.ts`), ...args], {
      stdio: ['ignore', output, output],
    });
  };
  const end = async (which: 'agent' | 'controlPlane', signal: NodeJS.Signals): Promise<void> => {
    const { child } = processes[which] ?? {};
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  };

  try {
    const docker = await startDockerDaemon({ liveRestore });
    closers.push(() => docker.close());
    const node: AgentNode = {
      machine,
      docker,
      folder,
      client: undefined as unknown as RestClient,
      startAgent() {
        const flags = [
          '--kubeconfig',
          join(folder, 'node.kubeconfig'),
          '--node-name',
          nodeName,
          '--node-ip',
          machine.address,
        ];
        flags.push('--docker-socket', docker.socketPath, '--data-dir', join(folder, 'agent'));
        flags.push('--tls-cert', join(folder, 'node.crt'), '--tls-key', join(folder, 'node.key'), ...agentFlags);
        processes.agent = startInNetwork(machine, [...nodeFlags, program, ...flags], agentLogPath);
      },
      endAgent: (signal) => end('agent', signal),
      agentPid: () => processes.agent?.pid ?? 0,
      signalAgent: (signal) => Promise.resolve(void processes.agent?.child.kill(signal)),
      async startControlPlane() {
        const flags = [
          '--listen',
          `${machine.address}:${apiPort}`,
          '--memory',
          '--data-dir',
          join(folder, 'control-plane'),
        ];
        processes.controlPlane = run(
          'control-plane',
          [...flags, '--kubeconfig-out', kubeconfig, '--extra-sans', '127.0.0.1'],
          join(folder, 'control-plane.log'),
        );
        await until('the kubeconfig', () => readFile(kubeconfig, 'utf8'));
      },
      endControlPlane: (signal) => end('controlPlane', signal),
      freezeControlPlane: (isFrozen) => void processes.controlPlane?.child.kill(isFrozen ? 'SIGSTOP' : 'SIGCONT'),
      podWhen: (name, what, condition, timeoutMs = 60_000) =>
        until(
          `pod ${name}: ${what}`,
          async () => {
            const { exitCode, signalCode } = processes.agent?.child ?? {};
            if (exitCode !== null || signalCode !== null)
              throw new Error(`the agent has ended: ${(await node.agentLog()).slice(-3000)}`);
            const pod = await node.client.resource(pods, 'default').get(name);
            return condition(pod) ? pod : undefined;
          },
          timeoutMs,
          100,
        ),
      async runningIds() {
        const containers = await docker.docker.listContainers();
        return containers.map(({ Id }) => Id).sort();
      },
      agentLog: () => readFile(agentLogPath, 'utf8').catch(() => ''),
      async close() {
        if (process.env['PILOTHOUSE_TEST_LOG'] !== undefined)
          await copyFile(agentLogPath, process.env['PILOTHOUSE_TEST_LOG']);
        await end('agent', 'SIGTERM');
        await end('controlPlane', 'SIGTERM');
        for (const closer of closers.reverse()) await closer();
        lan.close();
        await sleep(50);
        execFileSync('umount', ['--recursive', '--lazy', folder]);
        await rm(folder, { recursive: true, force: true });
      },
    };
    await mkdir(join(folder, 'agent'));
    if (dataDirBytes > 0)
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${dataDirBytes}`, 'tmpfs', join(folder, 'agent')]);
    await node.startControlPlane();
    await issueNodeCertificate(folder, machine.address);
    const port = await openDoor(machine, folder, closers);
    const access = clusterOf(loadKubeconfig(kubeconfig));
    const transport = createHttpsTransport({ ...access, servers: [`https://127.0.0.1:${port}`] });
    Object.assign(node, { client: createRestClient({ transport }) });
    closers.push(() => node.client.close());
    node.startAgent();
    await until('the node to be ready', async () => {
      const found = await node.client.resource(nodes).get(nodeName);
      return found.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
    });
    return node;
  } catch (error) {
    for (const { child } of Object.values(processes)) child.kill('SIGKILL');
    for (const closer of closers.reverse()) await closer();
    lan.close();
    execFileSync('umount', ['--recursive', '--lazy', folder]);
    throw error;
  }
}

/**
 * Starts a Node program in the machine's network namespace, with the host's mounts: `ip netns exec` would hide from Docker
 * what the program mounts. Of /sys it sees its own network's devices.
 */
function startInNetwork(machine: LanMachine, args: readonly string[], log: string): LanProcess {
  const netns = machine.run('sh', '-c', 'ip netns identify $$').trim();
  const script = [
    'mount --make-rprivate /sys',
    'mount -t sysfs sysfs /sys/kernel',
    'mount --bind /sys/kernel/class/net /sys/class/net',
    'mount --bind /sys/kernel/devices/virtual/net /sys/devices/virtual/net',
    'exec "$@"',
  ].join(' && ');
  const output = openSync(log, 'a');
  const enter = [
    `--net=/run/netns/${netns}`,
    'unshare',
    '--mount',
    '--propagation',
    'unchanged',
    'sh',
    '-c',
    script,
    'sh',
  ];
  const child = spawn('nsenter', [...enter, process.execPath, ...args], { stdio: ['ignore', output, output] });
  return { pid: child.pid ?? 0, child, stop: () => void child.kill('SIGKILL') };
}

/** The agent's own identity, with a node's rights and no more. */
async function issueNodeCertificate(folder: string, address: string): Promise<void> {
  const pki = join(folder, 'control-plane/pki');
  const ca = { cert: await readFile(join(pki, 'ca.crt'), 'utf8'), key: await readFile(join(pki, 'ca.key'), 'utf8') };
  const issued = await issueCertificate(ca, {
    commonName: `system:node:${nodeName}`,
    organizations: ['system:nodes'],
    sans: [nodeName, address],
    usages: ['server', 'client'],
  });
  await writeFile(join(folder, 'node.crt'), issued.cert);
  await writeFile(join(folder, 'node.key'), issued.key);
  const access = { ca: ca.cert, servers: [`https://${address}:${apiPort}`], cert: issued.cert, key: issued.key };
  await writeFile(join(folder, 'node.kubeconfig'), formatKubeconfig('test', access));
}

/** A port on loopback that leads to the API server inside the namespace, by way of a unix socket that both sides see. */
async function openDoor(machine: LanMachine, folder: string, closers: (() => Promise<void> | void)[]): Promise<number> {
  const path = join(folder, 'door');
  const program = `const net = require('node:net');
    net.createServer((door) => { const api = net.connect(${apiPort}, '${machine.address}'); door.pipe(api).pipe(door);
      door.on('error', () => api.destroy()); api.on('error', () => door.destroy()); }).listen(${JSON.stringify(path)});`;
  const inside = machine.start(process.execPath, ['--eval', program]);
  closers.push(() => inside.stop());
  const server = createServer((client) => {
    const door = connect(path);
    client.pipe(door).pipe(client);
    client.on('error', () => door.destroy());
    door.on('error', () => client.destroy());
    door.on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  closers.push(() => void server.close());
  await until(
    'the door',
    () =>
      new Promise<boolean>((resolve) => {
        const probe = connect(path, () => (probe.destroy(), resolve(true))).on('error', () => resolve(false));
      }),
  );
  return (server.address() as AddressInfo).port;
}
