// The program of network.ts: measures inside a machine's network namespace and reports over the process channel.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runDns } from '../../agent/dns/dns.ts';
import { createPodNetwork } from '../../agent/network/pod-network.ts';
import { runProxy } from '../../agent/proxy/proxy.ts';
import { nodes, services } from '../../api/kinds/core/index.ts';
import { endpointSlices } from '../../api/kinds/discovery/index.ts';
import { createLogger } from '../../machinery/logger.ts';
import { createMemoryInformer } from '../support/memory-informer.ts';
import { makeNode, makeService, makeSlice } from '../support/network-objects.ts';

export interface NetworkMeasurements {
  readonly fullSyncMs: number;
  readonly rawLoadMs: number;
  readonly changeMedianMs: number;
  readonly changeP99Ms: number;
  readonly directBareMs: number;
  readonly directMs: number;
  readonly serviceMs: number;
  readonly dnsPerSecond: number;
  readonly dnsP99Ms: number;
  readonly attachMs: number;
}

const address = process.argv[2] ?? '';
const serviceCount = 10_000;
const ranges = { clusterPodCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/16' };
const informers = {
  services: createMemoryInformer(services),
  endpointSlices: createMemoryInformer(endpointSlices),
  nodes: createMemoryInformer(nodes),
};
const stop = new AbortController();
const loop = { nodeName: 'bench', logger: createLogger('bench'), signal: stop.signal, informers, ...ranges };
const log = (line: string): void => void process.send?.({ log: line });
const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;
const vip = (index: number): string => `10.96.${(index >> 8) + 1}.${index & 255}`;
const web = [{ port: 80, protocol: 'TCP' as const }];

function connects(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.on('connect', () => (socket.destroy(), resolve(true)));
    socket.on('error', () => resolve(false));
  });
}
async function connectMs(host: string, port: number): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 3_000; round++) {
    const startMs = performance.now();
    await connects(host, port);
    times.push(performance.now() - startMs);
  }
  return percentile(times, 0.5);
}
async function poll(done: () => Promise<boolean>): Promise<void> {
  while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 1));
}

const server = createServer((socket) => void socket.on('error', () => undefined).end()).listen(8080, address);
await connectMs(address, 8080); // warm
const directBareMs = await connectMs(address, 8080);

log(`${serviceCount} services with 3 endpoints each`);
informers.nodes.put(makeNode('bench', address, '10.244.1.0/24'));
for (let index = 0; index < serviceCount; index++) {
  informers.services.put(makeService(`s${index}`, { clusterIP: vip(index), ports: web }));
  const endpoints = [1, 2, 3].map((each) => ({
    address: `10.244.${2 + (index % 200)}.${each + 1}`,
    nodeName: 'other',
  }));
  informers.endpointSlices.put(makeSlice(`s${index}`, [{ port: 8080 }], endpoints));
}
informers.services.put(makeService('probe', { clusterIP: '10.96.0.77', ports: web }));
const here = makeSlice('probe', [{ port: 8080 }], [{ address, nodeName: 'bench' }]);
informers.endpointSlices.put(here);
const startMs = performance.now();
const running = [runProxy(loop)];
await poll(() => connects('10.96.0.77', 80));
const fullSyncMs = performance.now() - startMs;

log('one endpoint changes, 200 times');
const changes: number[] = [];
for (let round = 0; round < 200; round++) {
  informers.endpointSlices.put(makeSlice('probe', [{ port: 8080 }], []));
  await poll(async () => !(await connects('10.96.0.77', 80)));
  const changedMs = performance.now();
  informers.endpointSlices.put(here);
  await poll(() => connects('10.96.0.77', 80));
  changes.push(performance.now() - changedMs);
}
log('connections');
const directMs = await connectMs(address, 8080);
const serviceMs = await connectMs('10.96.0.77', 80);

log('DNS');
running.push(runDns({ ...loop, clusterDns: '10.96.0.10', clusterDomain: 'cluster.local', resolvConf: '/dev/null' }));
const dns = await new Promise<{ perSecond: number; p99Ms: number }>((resolve) => {
  const args = [join(import.meta.dirname, 'dns-load.ts'), '10.96.0.10', '48', '150000'];
  let text = '';
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.on('exit', () => resolve(JSON.parse(text || '{"perSecond":0,"p99Ms":0}')));
});

log('50 pods');
const dataDir = mkdtempSync(join(tmpdir(), 'pilothouse-bench-network-'));
const network = createPodNetwork({ dataDir, ...ranges, logger: loop.logger });
await network.ensureNode('10.244.1.0/24');
const attached: number[] = [];
for (let index = 0; index < 50; index++) {
  const pause = spawn('unshare', ['-n', 'sh', '-c', 'echo ready; exec sleep 600'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await new Promise((resolve) => pause.stdout.once('data', resolve));
  const wiredMs = performance.now();
  await network.attach({ uid: `pod-${index}`, namespace: 'default', name: `pod-${index}` }, pause.pid ?? 0);
  attached.push(performance.now() - wiredMs);
  pause.kill('SIGKILL');
}
rmSync(dataDir, { recursive: true, force: true });

const rules = execFileSync('nft', ['list', 'table', 'ip', 'pilothouse-services'], { maxBuffer: 1 << 28 });
execFileSync('nft', ['delete', 'table', 'ip', 'pilothouse-services']);
const rawStartMs = performance.now();
execFileSync('nft', ['-f', '-'], { input: rules });
const rawLoadMs = performance.now() - rawStartMs;

server.close();
const done: NetworkMeasurements = {
  fullSyncMs,
  rawLoadMs,
  changeMedianMs: percentile(changes, 0.5),
  changeP99Ms: percentile(changes, 0.99),
  directBareMs,
  directMs,
  serviceMs,
  dnsPerSecond: dns.perSecond,
  dnsP99Ms: dns.p99Ms,
  attachMs: percentile(attached, 0.5),
};
process.send?.({ done }, () => process.exit(0));
