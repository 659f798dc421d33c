// pilothouse.io/v1 through a real API server over the memory store.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { nodes, pods, serviceAccounts } from '../../api/kinds/core/index.ts';
import type { Node, Pod } from '../../api/kinds/core/index.ts';
import type { Draft } from '../../api/meta/object-meta.ts';
import { systemClock } from '../../machinery/clock.ts';
import { nodeNamed, podNamed } from '../scheduler/fixtures.ts';
import { startServer } from '../server/fixtures/running-server.ts';
import type { RunningServer } from '../server/fixtures/running-server.ts';
import { createPlacementExtension } from './placement.ts';
import type { PlacementExtension } from './placement.ts';

let server: RunningServer;
let extension: PlacementExtension;

beforeEach(async () => {
  const shared = { close: () => undefined };
  extension = createPlacementExtension(() => ({ ...server.client, ...shared }), systemClock);
  server = await startServer({ extensions: [extension] });
  const { client } = server;
  await client.resource(serviceAccounts, 'default').create({ metadata: { name: 'default' } });
  for (const name of ['n1', 'n2']) {
    const { status } = nodeNamed(name, { cpu: '2' });
    const created = await client.resource(nodes).create({ metadata: { name }, spec: {} } as Draft<Node>);
    await client.resource(nodes).updateStatus({ ...created, status });
    await client.resource(nodes).patch(name, { type: 'merge', body: { spec: { taints: null } } });
  }
});
afterEach(async () => {
  await extension.close();
  await server.close();
});

async function addPod(name: string, cpu: string, nodeName?: string): Promise<void> {
  const { spec, metadata } = podNamed(name, { cpu, nodeName, controllerUid: 'rs' });
  const { ownerReferences } = metadata;
  await server.client.resource(pods, 'default').create({ metadata: { name, ownerReferences }, spec } as Draft<Pod>);
}

const ask = async (method: string, path: string, body?: unknown): Promise<{ status: number; json: unknown }> => {
  const { status, text } = await server.raw(method, `/apis/pilothouse.io/v1/${path}`, { body });
  return { status, json: JSON.parse(text) as unknown };
};

it('says why a pod waits, in both languages, and what would help', async () => {
  await addPod('busy', '1', 'n1');
  await addPod('large', '3');
  const { status, json } = await ask('GET', 'namespaces/default/pods/large/placement');
  expect(status).toBe(200);
  expect(json).toMatchObject({
    kind: 'Placement',
    counts: [{ filter: 'NodeResourcesFit', reason: 'Insufficient cpu', nodes: 2 }],
    remedies: [
      { kind: 'lower-requests', sentence: { en: 'lower the request to 2 cpu, which n2 has free' } },
      { node: 'n1' },
    ],
  });
  expect(JSON.stringify(json)).toContain('n1 的 cpu 剩余 1（共 2），Pod 需要 3');
  expect((await ask('GET', 'namespaces/default/pods/none/placement')).status).toBe(404);
});

it('rehearses the loss of a node without touching anything', async () => {
  await addPod('a', '1', 'n1');
  await addPod('b', '1500m', 'n1');
  const spec = { changes: [{ type: 'node-lost', node: 'n1' }] };
  const { status, json } = await ask('POST', 'simulations', { spec });
  expect(status).toBe(201);
  expect(json).toMatchObject({
    status: {
      moved: [{ pod: 'default/a', from: 'n1', to: 'n2' }],
      pending: [{ pod: 'default/b', from: 'n1', reason: '0/1 nodes are available: 1 Insufficient cpu.' }],
    },
  });
  expect((await server.client.resource(pods, 'default').get('a')).spec.nodeName).toBe('n1');
});

it.each([
  [{}, 'spec.changes must list at least one change'],
  [{ spec: { changes: [{ type: 'fly' }] } }, 'spec.changes[0].type must be'],
  [{ spec: { changes: [{ type: 'node-lost', node: 'nx' }] } }, 'spec.changes[0].node: there is no node \\"nx\\"'],
  [{ spec: { changes: [{ type: 'node-added', like: 'n1', count: -1 }] } }, 'must be a whole number'],
])('refuses a simulation of %j', async (body, message) => {
  const { status, json } = await ask('POST', 'simulations', body);
  expect(status).toBe(400);
  expect(JSON.stringify(json)).toContain(message);
});

it('places more replicas of what runs, and of what is new, on nodes that are added', async () => {
  await addPod('a', '1', 'n1');
  const template = { spec: { containers: [{ name: 'c', image: 'x', resources: { requests: { cpu: '1' } } }] } };
  const changes = [
    { type: 'workload-scaled', kind: 'ReplicaSet', namespace: 'default', name: 'owner', replicas: 3 },
    { type: 'workload-created', namespace: 'default', name: 'new', replicas: 3, template },
    { type: 'node-added', like: 'n2', count: 1 },
  ];
  const { json } = await ask('POST', 'simulations', { spec: { changes } });
  expect(json).toMatchObject({ status: { placed: { length: 5 }, pending: [] } });
});

it('rehearses what it suggested, and says when that is no longer so', async () => {
  await addPod('busy', '1', 'n1');
  await addPod('busier', '1500m', 'n2');
  await addPod('waiting', '1500m');
  const { json } = await ask('GET', 'namespaces/default/pods/waiting/placement');
  const [remedy] = (json as { remedies: { kind: string; node: string }[] }).remedies;
  const change = { type: 'remedy-applied', namespace: 'default', name: 'waiting', ...remedy };
  const rehearsed = await ask('POST', 'simulations', { spec: { changes: [change] } });
  expect(rehearsed).toMatchObject({ status: 201, json: { status: { placed: [{ pod: 'default/waiting' }] } } });
  const stale = await ask('POST', 'simulations', { spec: { changes: [{ ...change, kind: 'uncordon' }] } });
  expect(stale.status).toBe(400);
  expect(JSON.stringify(stale.json)).toContain('ask for its placement again');
});
