// Subresources that connect or bind, as far as they can be seen without an agent.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodes, pods, serviceAccounts, services, type Pod } from '../../api/kinds/core/index.ts';
import { startServer, type RunningServer } from './fixtures/running-server.ts';

let running: RunningServer;
beforeAll(async () => {
  running = await startServer();
  await running.client.resource(serviceAccounts, 'default').create({ metadata: { name: 'default' } });
  await running.client.resource(pods, 'default').create({
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  });
});
afterAll(() => running.close());

const pod = (): Promise<Pod> => running.client.resource(pods, 'default').get('p');

it('binds a pod without counting its generation', async () => {
  await running.raw('POST', '/api/v1/namespaces/default/pods/p/binding', {
    body: { metadata: { name: 'p' }, target: { kind: 'Node', name: 'n' } },
    headers: { 'content-type': 'application/json' },
  });
  const { spec, metadata } = await pod();
  expect(spec.nodeName).toBe('n');
  expect(metadata.generation).toBe(1);
});

it('takes a target port of 0 for none', async () => {
  const created = await running.client.resource(services, 'default').create({
    metadata: { name: 's' },
    spec: { ports: [{ port: 80, targetPort: 0 }] },
  });
  expect(created.spec.ports?.[0]?.targetPort).toBe(80);
});

describe('a proxy', () => {
  beforeAll(async () => {
    const bound = await pod();
    await running.client
      .resource(pods, 'default')
      .updateStatus({ ...bound, status: { ...bound.status, podIP: '10.255.0.9' } });
    await running.client.resource(nodes).create({ metadata: { name: 'n' }, spec: {} });
    const node = await running.client.resource(nodes).get('n');
    const addresses = [{ type: 'InternalIP', address: '127.0.0.1' }];
    await running.client.resource(nodes).updateStatus({ ...node, status: { ...node.status, addresses } });
  });

  it.each(['GET', 'HEAD'])('sends readers of its root to a path with a slash: %s', async (method) => {
    const path = '/api/v1/namespaces/default/pods/http:p:80/proxy';
    const { status, headers } = await running.raw(method, `${path}?a=b`);
    expect(status).toBe(301);
    expect(headers['location']).toBe(`${path}/?a=b`);
  });

  it('reaches nodes on their agent’s port alone', async () => {
    const { status, text } = await running.raw('GET', '/api/v1/nodes/n:22/proxy/');
    expect(status).toBe(400);
    expect(text).toContain('node n serves its API on port 10250, not on 22');
  });
});
