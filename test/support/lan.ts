// Network namespaces that stand for machines, joined by a bridge in a namespace of its own, so nothing touches the host's
// network and nothing can leave it. Everything is named by the LAN's id and removed by `close`, also after a failure.
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { randomBytes } from 'node:crypto';

export interface LanProcess {
  readonly pid: number;
  readonly child: ChildProcess;
  stop(): void;
}

export interface LanMachine {
  readonly name: string;
  /** Its address on the LAN. */
  readonly address: string;
  /** Runs a command in the machine's network; throws with its stderr unless it exits with 0. */
  run(program: string, ...args: string[]): string;
  /** Runs a command and answers whatever happened. */
  try(program: string, ...args: string[]): { status: number | null; stdout: string; stderr: string };
  /** Starts a process in the machine's network; it is killed by `close` at the latest. */
  start(program: string, args: readonly string[], options?: SpawnOptions): LanProcess;
  /** Starts a process that only holds a fresh network namespace, as a pause container does. */
  startPause(): Promise<LanProcess>;
  /** Runs a command inside the network namespace of a pause process. */
  inPod(
    pausePid: number,
    program: string,
    ...args: string[]
  ): { status: number | null; stdout: string; stderr: string };
}

export interface Lan {
  readonly machines: readonly LanMachine[];
  close(): void;
}

function run(program: string, args: readonly string[]): string {
  const result = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (result.status !== 0) throw new Error(`${program} ${args.join(' ')}: ${result.stderr || result.error?.message}`);
  return result.stdout;
}

const ip = (...args: string[]): string => run('ip', args);

/**
 * A LAN of `count` machines with addresses 198.18.0.1, .2, … (the benchmarking range). With several `segments` machine i
 * is on segment i mod segments (198.18.1.x is the second), and the hub routes between them and is everybody's default
 * route. `unreachable` ranges (pods, services) are routed as unreachable on each machine, so that a missing route or rule
 * shows as a failure.
 */
export function createLan(count: number, unreachable: readonly string[] = [], segments = 1): Lan {
  const id = randomBytes(3).toString('hex');
  const hub = `ph-${id}-hub`;
  const names: string[] = [];
  const processes: ChildProcess[] = [];
  const close = (): void => {
    process.off('exit', close);
    for (const child of processes) child.kill('SIGKILL');
    for (const name of names) spawnSync('ip', ['netns', 'del', name]);
    names.length = 0;
  };
  process.once('exit', close); // a run that is broken off leaves nothing either
  try {
    ip('netns', 'add', hub);
    names.push(hub);
    for (let segment = 0; segment < segments; segment++) {
      ip('-n', hub, 'link', 'add', `lan${segment}`, 'type', 'bridge');
      ip('-n', hub, 'link', 'set', `lan${segment}`, 'up');
      if (segments > 1) ip('-n', hub, 'addr', 'add', `198.18.${segment}.254/24`, 'dev', `lan${segment}`);
    }
    if (segments > 1) run('ip', ['netns', 'exec', hub, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward']);
    const machines = Array.from({ length: count }, (_, index) => {
      const name = `ph-${id}-m${index + 1}`;
      ip('netns', 'add', name);
      names.push(name);
      const segment = index % segments;
      const address = `198.18.${segment}.${index + 1}`;
      const machine = joinMachine(name, `m${index + 1}`, hub, { segment, address }, unreachable, processes);
      if (segments > 1) ip('-n', name, 'route', 'add', 'default', 'via', `198.18.${segment}.254`);
      return machine;
    });
    return { machines, close };
  } catch (error) {
    close();
    throw error;
  }
}

function joinMachine(
  netns: string,
  name: string,
  hub: string,
  { segment, address }: { segment: number; address: string },
  unreachable: readonly string[],
  processes: ChildProcess[],
): LanMachine {
  ip('-n', hub, 'link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', netns);
  ip('-n', hub, 'link', 'set', name, 'master', `lan${segment}`, 'up');
  ip('-n', netns, 'link', 'set', 'lo', 'up');
  ip('-n', netns, 'addr', 'add', `${address}/24`, 'dev', 'eth0');
  ip('-n', netns, 'link', 'set', 'eth0', 'up');
  for (const range of unreachable) ip('-n', netns, 'route', 'add', 'unreachable', range, 'metric', '4000000');

  const start: LanMachine['start'] = (program, args, options = {}) => {
    const child = spawn('ip', ['netns', 'exec', netns, program, ...args], { stdio: 'ignore', ...options });
    processes.push(child);
    return { pid: child.pid ?? 0, child, stop: () => void child.kill('SIGKILL') };
  };
  const capture = (program: string, args: readonly string[]): ReturnType<LanMachine['try']> => {
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: 20_000 });
    return { status, stdout, stderr };
  };
  return {
    name,
    address,
    run: (program, ...args) => run('ip', ['netns', 'exec', netns, program, ...args]),
    try: (program, ...args) => capture('ip', ['netns', 'exec', netns, program, ...args]),
    start,
    startPause: () => startPause(start),
    inPod: (pid, program, ...args) => capture('nsenter', ['-t', String(pid), '-n', program, ...args]),
  };
}

/** `unshare` execs the holder in place, so the spawned pid is the pause pid once it has said that it is ready. */
function startPause(start: LanMachine['start']): Promise<LanProcess> {
  const script = 'echo ready; exec sleep infinity';
  const pause = start('unshare', ['-n', 'sh', '-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  return new Promise((resolve, reject) => {
    pause.child.stdout?.once('data', () => resolve(pause));
    pause.child.once('exit', () => reject(new Error('the pause process ended')));
  });
}
