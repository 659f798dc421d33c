// Evictions: the pod says who ends it before it ends, and a budget that has nothing left refuses without a trace.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pods, serviceAccounts, type Pod } from '../../api/kinds/core/index.ts';
import { podDisruptionBudgets } from '../../api/kinds/policy/index.ts';
import { startServer, type RunningServer } from './fixtures/running-server.ts';

let running: RunningServer;
beforeAll(async () => {
  running = await startServer();
  await running.client.resource(serviceAccounts, 'default').create({ metadata: { name: 'default' } });
});
afterAll(() => running.close());

const runs = async (name: string): Promise<void> => {
  const api = running.client.resource(pods, 'default');
  const spec = { nodeName: 'n', containers: [{ name: 'c', image: 'i' }] };
  const pod = await api.create({ metadata: { name, labels: { app: name } }, spec });
  const conditions = [{ type: 'Ready', status: 'True' }];
  await api.updateStatus({ ...pod, status: { ...pod.status, phase: 'Running', conditions } });
};
const evict = (name: string, more: object = {}): ReturnType<RunningServer['raw']> =>
  running.raw('POST', `/api/v1/namespaces/default/pods/${name}/eviction`, {
    body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: 'default' }, ...more },
  });
const get = (name: string): Promise<Pod> => running.client.resource(pods, 'default').get(name);
const disruption = ({ status }: Pod) => status?.conditions?.find(({ type }) => type === 'DisruptionTarget');

it('marks the pod as disrupted, and deletes it with its grace', async () => {
  await runs('evicted');
  expect((await evict('evicted')).status).toBe(201);
  const pod = await get('evicted');
  expect(pod.metadata.deletionTimestamp).toBeDefined();
  expect(disruption(pod)).toMatchObject({ status: 'True', reason: 'EvictionByEvictionAPI' });
  expect(pod.status?.conditions?.map(({ type }) => type)).toContain('Ready');
});

it('only looks when asked for a dry run', async () => {
  await runs('tried');
  expect((await evict('tried', { deleteOptions: { dryRun: ['All'] } })).status).toBe(201);
  const pod = await get('tried');
  expect([pod.metadata.deletionTimestamp, disruption(pod)]).toEqual([undefined, undefined]);
});

it('leaves no mark on a pod whose budget allows nothing', async () => {
  await runs('kept');
  const budgets = running.client.resource(podDisruptionBudgets, 'default');
  const spec = { minAvailable: 1, selector: { matchLabels: { app: 'kept' } } };
  const budget = await budgets.create({ metadata: { name: 'kept' }, spec });
  const status = {
    observedGeneration: 1,
    currentHealthy: 1,
    desiredHealthy: 1,
    disruptionsAllowed: 0,
    expectedPods: 1,
  };
  await budgets.updateStatus({ ...budget, status });
  expect((await evict('kept')).status).toBe(429);
  expect(disruption(await get('kept'))).toBeUndefined();
});
