// Jobs, disruption budgets and automatic rollback on a real API server.
import { afterEach, describe, expect, it } from 'vitest';
import type { TestCluster } from './cluster.ts';
import { deployments } from '../../../api/kinds/apps/index.ts';
import { jobs } from '../../../api/kinds/batch/index.ts';
import { events, pods } from '../../../api/kinds/core/index.ts';
import { podDisruptionBudgets } from '../../../api/kinds/policy/index.ts';
import { waitFor } from '../../../machinery/wait.ts';
import { startCluster } from './cluster.ts';

let cluster: TestCluster;
afterEach(() => cluster.close());

const waiting = { timeoutMs: 15_000, intervalMs: 50 };

describe('a Job', () => {
  it('completes every index once, keeps its pods, and is deleted with them', async () => {
    cluster = await startCluster({ endingOf: () => 'Succeeded' });
    const api = cluster.client.resource(jobs, 'default');
    const template = {
      metadata: {},
      spec: { containers: [{ name: 'main', image: 'x' }], restartPolicy: 'Never' as const },
    };
    await api.create({
      metadata: { name: 'sum' },
      spec: { completions: 5, parallelism: 2, completionMode: 'Indexed', template },
    });
    const done = await waitFor(
      async () => {
        const job = await api.get('sum');
        return job.status?.conditions?.some(({ type, status }) => type === 'Complete' && status === 'True')
          ? job
          : undefined;
      },
      { ...waiting, what: 'the job to complete' },
    );
    expect(done.status).toMatchObject({ succeeded: 5, completedIndexes: '0-4' });
    const all = (await cluster.client.resource(pods, 'default').list()).items;
    expect(all).toHaveLength(5);
    await waitFor(
      async () =>
        (await cluster.client.resource(pods, 'default').list()).items.every(
          ({ metadata }) => !metadata.finalizers?.length,
        ),
      waiting,
    );
    const before = cluster.writes.length;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(cluster.writes.slice(before)).toEqual([]);
    await api.delete('sum', { propagationPolicy: 'Background' });
    await waitFor(async () => (await cluster.client.resource(pods, 'default').list()).items.length === 0, waiting);
  });

  it('holds no pod back that no longer is its own', async () => {
    cluster = await startCluster({});
    const { client } = cluster;
    const api = client.resource(jobs, 'default');
    const template = {
      metadata: {},
      spec: { containers: [{ name: 'main', image: 'x' }], restartPolicy: 'Never' as const },
    };
    await api.create({ metadata: { name: 'sum' }, spec: { template } });
    const podApi = client.resource(pods, 'default');
    const pod = await waitFor(async () => (await podApi.list()).items[0], { ...waiting, what: 'the pod' });
    expect(pod.metadata.finalizers).toEqual(['batch.kubernetes.io/job-tracking']);
    await podApi.patch(pod.metadata.name, { type: 'merge', body: { metadata: { labels: null } } });
    const released = await waitFor(
      async () => {
        const now = await podApi.get(pod.metadata.name);
        return now.metadata.ownerReferences?.length ? undefined : now;
      },
      { ...waiting, what: 'the pod to be released' },
    );
    expect(released.metadata.finalizers ?? []).toEqual([]);
  });
});

describe('a rollout that fails', () => {
  it('goes back by itself, and a disruption budget follows the pods', async () => {
    cluster = await startCluster({ isReady: (pod) => pod.spec.containers[0]?.image !== 'web:bad' });
    const { client } = cluster;
    const api = client.resource(deployments, 'default');
    await client
      .resource(podDisruptionBudgets, 'default')
      .create({ metadata: { name: 'web' }, spec: { minAvailable: 2, selector: { matchLabels: { app: 'web' } } } });
    await api.create({
      metadata: { name: 'web', annotations: { 'pilothouse.io/automatic-rollback': 'true' } },
      spec: {
        replicas: 3,
        progressDeadlineSeconds: 1,
        selector: { matchLabels: { app: 'web' } },
        template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web:good' }] } },
      },
    });
    await waitFor(
      async () => (await client.resource(podDisruptionBudgets, 'default').get('web')).status?.disruptionsAllowed === 1,
      { ...waiting, what: 'one disruption allowed' },
    );
    await waitFor(
      async () => (await api.get('web')).status?.conditions?.some(({ reason }) => reason === 'NewReplicaSetAvailable'),
      waiting,
    );
    await api.patch('web', {
      type: 'strategic',
      body: { spec: { template: { spec: { containers: [{ name: 'web', image: 'web:bad' }] } } } },
    });
    const back = await waitFor(
      async () => {
        const web = await api.get('web');
        const condition = web.status?.conditions?.find(({ type }) => type === 'pilothouse.io/RolledBack');
        return condition && web.status?.availableReplicas === 3 && web.status.updatedReplicas === 3
          ? { web, condition }
          : undefined;
      },
      { ...waiting, what: 'the rollback' },
    );
    expect(back.web.spec.template.spec?.containers[0]?.image).toBe('web:good');
    expect(back.condition.message).toMatch(
      /^Rolled back from revision 2 to revision 1\. Revision 2 \(web-\w+\) made no progress within its deadline: 0 of \d pods available\.$/,
    );
    const told = (await client.resource(events, 'default').list()).items.filter(
      ({ reason }) => reason === 'RolledBack',
    );
    expect(told).toHaveLength(1);
  });
});
