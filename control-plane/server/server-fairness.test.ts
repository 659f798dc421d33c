// Priority and fairness as clients meet it.
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { flowSchemas, priorityLevelConfigurations } from '../../api/kinds/flowcontrol/index.ts';
import { startServer, type RunningServer } from './fixtures/running-server.ts';

let running: RunningServer;
beforeAll(async () => {
  running = await startServer();
});
afterAll(() => running.close());

it('begins with upstream’s levels and flows, none of them dangling', async () => {
  const { items: levels } = await running.client.resource(priorityLevelConfigurations).list();
  expect(levels.map(({ metadata }) => metadata.name).sort()).toEqual([
    'catch-all',
    'exempt',
    'global-default',
    'leader-election',
    'node-high',
    'system',
    'workload-high',
    'workload-low',
  ]);
  await vi.waitFor(async () => {
    const { items } = await running.client.resource(flowSchemas).list();
    expect(items).toHaveLength(13);
    for (const { status } of items) expect(status?.conditions).toMatchObject([{ type: 'Dangling', status: 'False' }]);
  });
});

it('follows a flow schema that an administrator adds, and says when it dangles', async () => {
  const schemas = running.client.resource(flowSchemas);
  const rule = {
    subjects: [{ kind: 'User', user: { name: 'special' } }],
    resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true }],
  };
  const make = (name: string, level: string): ReturnType<typeof schemas.create> =>
    schemas.create({
      metadata: { name },
      spec: { matchingPrecedence: 50, priorityLevelConfiguration: { name: level }, rules: [rule] },
    });
  const special = await make('special', 'workload-low');
  await make('lost', 'nowhere');
  await vi.waitFor(async () => {
    expect((await schemas.get('lost')).status?.conditions).toMatchObject([{ type: 'Dangling', status: 'True' }]);
  });
  const client = await running.clientOf('special');
  await vi.waitFor(async () => {
    const { headers } = await client.request({ method: 'GET', path: '/api/v1/namespaces/default' });
    expect(headers['x-kubernetes-pf-flowschema-uid']).toBe(special.metadata.uid);
  });
  const { text } = await running.raw('GET', '/metrics');
  expect(text).toContain(
    'apiserver_flowcontrol_dispatched_requests_total{flow_schema="special",priority_level="workload-low"}',
  );
});
