// The scheduler against a real API server over the memory store, through HTTPS.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { events, nodes, pods, serviceAccounts } from '../../api/kinds/core/index.ts';
import type { Node, Pod } from '../../api/kinds/core/index.ts';
import {
  deviceClasses,
  resourceClaims,
  resourceClaimTemplates,
  resourceSlices,
} from '../../api/kinds/resource/index.ts';
import { priorityClasses } from '../../api/kinds/scheduling/index.ts';
import type { Draft } from '../../api/meta/object-meta.ts';
import { systemClock } from '../../machinery/clock.ts';
import { createInformerFactory } from '../../machinery/informer.ts';
import { clusterOf, loadKubeconfig } from '../../machinery/kubeconfig.ts';
import { silentLogger } from '../../machinery/logger.ts';
import { createRestClient } from '../../machinery/rest-client.ts';
import type { RestClient } from '../../machinery/rest-client.ts';
import { createHttpsTransport } from '../../machinery/transport/https.ts';
import { runControllers } from '../controllers/index.ts';
import { startServer } from '../server/fixtures/running-server.ts';
import { nodeNamed, podNamed } from './fixtures.ts';
import type { NodeFacts, PodFacts } from './fixtures.ts';
import { runScheduler } from './scheduler.ts';

let client: RestClient;
let closeServer: () => Promise<unknown>;
let stopScheduler: () => Promise<void>;

function startScheduler(): () => Promise<void> {
  const ending = new AbortController();
  const informers = createInformerFactory(client, { logger: silentLogger });
  const following = informers.run(ending.signal);
  const running = runScheduler({ client, informers, clock: systemClock, logger: silentLogger, signal: ending.signal });
  return async () => {
    ending.abort();
    await Promise.all([running, following]);
  };
}

beforeEach(async () => {
  const server = await startServer();
  closeServer = () => server.close();
  client = createRestClient({ transport: createHttpsTransport(clusterOf(loadKubeconfig(server.kubeconfigPath))) });
  await client.resource(serviceAccounts, 'default').create({ metadata: { name: 'default' } });
  stopScheduler = startScheduler();
});
afterEach(async () => {
  await stopScheduler();
  client.close();
  await closeServer();
});

async function addNode(name: string, facts: NodeFacts = {}): Promise<void> {
  const { metadata, spec, status } = nodeNamed(name, facts);
  const created = await client
    .resource(nodes)
    .create({ metadata: { name, labels: metadata.labels }, spec } as Draft<Node>);
  await client.resource(nodes).updateStatus({ ...created, status });
  // The server taints what is not yet ready; here nobody else would take that away.
  await client.resource(nodes).patch(name, { type: 'merge', body: { spec: { taints: facts.taints ?? null } } });
}

async function addPod(name: string, facts: PodFacts = {}): Promise<void> {
  const { metadata, spec } = podNamed(name, facts);
  const { labels, namespace } = metadata;
  await client.resource(pods, namespace).create({ metadata: { name, labels }, spec } as Draft<Pod>);
}

const getPod = (name: string): Promise<Pod> => client.resource(pods, 'default').get(name);
const conditionOf = (pod: Pod) => pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
const nodeOf = async (name: string): Promise<string> => (await getPod(name)).spec.nodeName ?? '';
const until = (check: () => Promise<void>): Promise<void> => vi.waitFor(check, { timeout: 8_000, interval: 20 });

it('binds pods, records why, and says so in the condition', async () => {
  await addNode('n1');
  await addPod('a', { cpu: '1' });
  await until(async () => expect(await nodeOf('a')).toBe('n1'));
  expect(conditionOf(await getPod('a'))).toMatchObject({ status: 'True' });
  await until(async () => {
    const { items } = await client.resource(events, 'default').list();
    expect(items.map(({ reason, message }) => `${reason}: ${message}`)).toContain(
      'Scheduled: Successfully assigned default/a to n1',
    );
  });
});

it('explains a pod that fits nowhere, and binds it once a node comes that has room', async () => {
  await addNode('n1', { cpu: '1' });
  await addPod('a', { cpu: '2' });
  await until(async () => {
    expect(conditionOf(await getPod('a'))).toMatchObject({
      status: 'False',
      reason: 'Unschedulable',
      message:
        '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
    });
  });
  await addNode('n2', { cpu: '4' });
  await until(async () => expect(await nodeOf('a')).toBe('n2'));
});

it('leaves gated pods and pods of other schedulers alone until they are its own', async () => {
  await addNode('n1');
  await addPod('gated', { spec: { schedulingGates: [{ name: 'example.com/wait' }] } });
  await addPod('foreign', { spec: { schedulerName: 'somebody-else' } });
  await addPod('ours');
  await until(async () => expect(await nodeOf('ours')).toBe('n1'));
  await until(async () => expect(conditionOf(await getPod('gated'))).toMatchObject({ reason: 'SchedulingGated' }));
  expect(await nodeOf('foreign')).toBe('');
  await client
    .resource(pods, 'default')
    .patch('gated', { type: 'json', body: [{ op: 'remove', path: '/spec/schedulingGates' }] });
  await until(async () => expect(await nodeOf('gated')).toBe('n1'));
});

it('never binds more than fits, and fills up again after a restart', async () => {
  await Promise.all([addNode('n1', { cpu: '2' }), addNode('n2', { cpu: '2' })]);
  const names = Array.from({ length: 12 }, (_, i) => `p${i}`);
  await Promise.all(names.map((name) => addPod(name, { cpu: '500m' })));
  const bound = async (): Promise<string[]> => {
    const { items } = await client.resource(pods, 'default').list();
    return items.flatMap(({ spec }) => (spec.nodeName ? [spec.nodeName] : []));
  };
  await until(async () => expect(await bound()).toHaveLength(8));
  expect((await bound()).filter((name) => name === 'n1')).toHaveLength(4);
  await stopScheduler();
  await addNode('n3', { cpu: '2' });
  stopScheduler = startScheduler();
  await until(async () => expect(await bound()).toHaveLength(12));
});

it('makes room for a more important pod', async () => {
  await addNode('n1', { cpu: '2' });
  await addPod('low', { cpu: '1500m', spec: { terminationGracePeriodSeconds: 0 } });
  await until(async () => expect(await nodeOf('low')).toBe('n1'));
  await client.resource(priorityClasses).create({ metadata: { name: 'high' }, value: 1000 });
  await addPod('vip', { cpu: '1', spec: { priorityClassName: 'high' } });
  // No kubelet here: confirm the victim's end in its place.
  await until(async () => {
    const victim = await getPod('low').catch(() => undefined);
    if (victim) expect(victim.metadata.deletionTimestamp).toBeDefined();
  });
  await client
    .resource(pods, 'default')
    .delete('low', { gracePeriodSeconds: 0 })
    .catch(() => undefined);
  await until(async () => expect(await nodeOf('vip')).toBe('n1'));
  const { items } = await client.resource(events, 'default').list();
  expect(items.map(({ reason }) => reason)).toContain('Preempted');
});

it('gives each pod a device of its own out of a claim template, and takes it back when the pod ends', async () => {
  const ending = new AbortController();
  const informers = createInformerFactory(client, { logger: silentLogger });
  const following = informers.run(ending.signal);
  const common = { client, informers, clock: systemClock, logger: silentLogger, signal: ending.signal, options: {} };
  const running = runControllers({ ...common, only: ['resource-claim'] });
  await addNode('n1');
  await addNode('n2');
  const expression = 'device.attributes["gpu.example.com"].model == "a100"';
  await client
    .resource(deviceClasses)
    .create({ metadata: { name: 'gpu' }, spec: { selectors: [{ cel: { expression } }] } });
  const devices = ['a100', 'a100', 'old'].map((model, i) => ({
    name: `g${i}`,
    attributes: { model: { string: model } },
  }));
  const pool = { name: 'n2', generation: 1, resourceSliceCount: 1 };
  await client
    .resource(resourceSlices)
    .create({ metadata: { name: 'n2' }, spec: { driver: 'gpu.example.com', nodeName: 'n2', pool, devices } });
  const request = { name: 'r', exactly: { deviceClassName: 'gpu', allocationMode: 'ExactCount' as const, count: 1 } };
  await client
    .resource(resourceClaimTemplates, 'default')
    .create({ metadata: { name: 'one-gpu' }, spec: { spec: { devices: { requests: [request] } } } });
  const spec = { resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 'one-gpu' }] };
  for (const name of ['p1', 'p2', 'p3']) await addPod(name, { spec });

  const claims = async () => (await client.resource(resourceClaims, 'default').list()).items;
  const taken = async () =>
    (await claims()).flatMap(({ status }) => (status?.allocation?.devices?.results ?? []).map(({ device }) => device));
  await until(async () => expect((await taken()).sort()).toEqual(['g0', 'g1']));
  const bound = async () =>
    (await client.resource(pods, 'default').list()).items.filter((pod) => pod.spec.nodeName === 'n2');
  await until(async () => expect(await bound()).toHaveLength(2));
  for (const { metadata, status } of await claims()) {
    if (!status?.allocation) continue;
    expect(metadata.finalizers).toEqual(['resource.kubernetes.io/delete-protection']);
    expect(status.reservedFor).toHaveLength(1);
  }

  const [first] = await bound();
  if (!first) throw new Error('no pod');
  await client.resource(pods, 'default').updateStatus({ ...first, status: { ...first.status, phase: 'Succeeded' } });
  await until(async () =>
    expect((await bound()).filter(({ status }) => status?.phase !== 'Succeeded')).toHaveLength(2),
  );
  expect((await taken()).sort()).toEqual(['g0', 'g1']);
  ending.abort();
  await Promise.all([running, following]);
}, 30_000);
