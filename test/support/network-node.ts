// One machine's network agent under test: the production loops in a process of their own inside a LAN machine.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PodAddresses, PodIdentity } from '../../agent/network/contract.ts';
import type { KubernetesObject } from '../../api/meta/object-meta.ts';
import type { LanMachine } from './lan.ts';

export type NodeRequest =
  | { call: 'put'; objects: readonly KubernetesObject[] }
  | { call: 'remove'; kind: string; key: string }
  | { call: 'start' }
  | { call: 'ensureNode'; podCidr: string }
  | { call: 'attach'; pod: PodIdentity; pid: number }
  | { call: 'detach'; uid: string }
  | { call: 'adopt'; pods: readonly { podUid: string; podIp: string }[] }
  | { call: 'stop' };

export interface NetworkNode {
  readonly machine: LanMachine;
  readonly pid: number;
  put(...objects: KubernetesObject[]): Promise<void>;
  remove(kind: string, key: string): Promise<void>;
  start(): Promise<void>;
  ensureNode(podCidr: string): Promise<void>;
  attach(pod: PodIdentity, pid: number): Promise<PodAddresses>;
  detach(uid: string): Promise<void>;
  adopt(pods: readonly { podUid: string; podIp: string }[]): Promise<void>;
  /** Ends the loops in good order, leaving the network as it is; then the process. */
  stop(): Promise<void>;
  /** Ends the process at once. */
  kill(): void;
}

export interface NetworkNodeOptions {
  /** A folder that outlives the process, to test restarts; a fresh one by default. */
  readonly dataDir?: string;
  /** Loops to run: `routes,proxy,policies,host-ports,announcer,dns` by default. */
  readonly parts?: string;
  readonly resolvConf?: string;
}

/** Starts the network agent of a machine. */
export function startNetworkNode(machine: LanMachine, options: NetworkNodeOptions = {}): NetworkNode {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'pilothouse-network-'));
  const args = [
    join(import.meta.dirname, 'network-node-process.ts'),
    '--name',
    machine.name,
    '--address',
    machine.address,
  ];
  args.push('--data', dataDir);
  if (options.parts !== undefined) args.push('--parts', options.parts);
  if (options.resolvConf !== undefined) args.push('--resolv-conf', options.resolvConf);
  const { child, pid, stop } = machine.start(process.execPath, args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, NODE_OPTIONS: '', VITEST: '' },
  });
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let sequence = 0;
  child.on('message', (answer: { id: number; value?: unknown; error?: string }) => {
    const call = waiting.get(answer.id);
    waiting.delete(answer.id);
    if (answer.error === undefined) call?.resolve(answer.value);
    else call?.reject(new Error(answer.error));
  });
  child.on('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error('the network process has ended'));
    waiting.clear();
  });
  const end = (): void => {
    stop();
    if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
  };
  const ask = (request: NodeRequest): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = ++sequence;
      waiting.set(id, { resolve, reject });
      child.send({ id, ...request });
    });
  return {
    machine,
    pid,
    put: async (...objects) => void (await ask({ call: 'put', objects })),
    remove: async (kind, key) => void (await ask({ call: 'remove', kind, key })),
    start: async () => void (await ask({ call: 'start' })),
    ensureNode: async (podCidr) => void (await ask({ call: 'ensureNode', podCidr })),
    attach: (pod, podPid) => ask({ call: 'attach', pod, pid: podPid }) as Promise<PodAddresses>,
    detach: async (uid) => void (await ask({ call: 'detach', uid })),
    adopt: async (pods) => void (await ask({ call: 'adopt', pods })),
    async stop() {
      await ask({ call: 'stop' });
      end();
    },
    kill: end,
  };
}
