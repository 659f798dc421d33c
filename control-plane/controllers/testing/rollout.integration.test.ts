// Controllers together on a real API server: rollouts, whatever interrupts them, and quiet afterwards.
import { afterEach, describe, expect, it } from 'vitest';
import type { Deployment, ReplicaSet } from '../../../api/kinds/apps/index.ts';
import type { Draft } from '../../../api/meta/object-meta.ts';
import type { TestCluster } from './cluster.ts';
import { deployments, replicaSets } from '../../../api/kinds/apps/index.ts';
import { endpoints, pods, services } from '../../../api/kinds/core/index.ts';
import { endpointSlices } from '../../../api/kinds/discovery/index.ts';
import { waitFor } from '../../../machinery/wait.ts';
import { startCluster } from './cluster.ts';

let cluster: TestCluster;
afterEach(() => cluster.close());

const web = (replicas: number, image = 'web:1'): Draft<Deployment> => ({
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image }] } },
  },
});

async function setImage(image: string): Promise<void> {
  const body = { spec: { template: { spec: { containers: [{ name: 'web', image }] } } } };
  await cluster.client.resource(deployments, 'default').patch('web', { type: 'strategic', body });
}

/** Waits until the rollout is complete and says what is there. */
async function rolledOut(
  replicas: number,
  image: string,
): Promise<{ deployment: Deployment; sets: ReplicaSet[]; images: string[] }> {
  const { client } = cluster;
  return waitFor(
    async () => {
      const deployment = await client.resource(deployments, 'default').get('web');
      const { status, metadata } = deployment;
      if (
        status?.observedGeneration !== metadata.generation ||
        status?.updatedReplicas !== replicas ||
        status.availableReplicas !== replicas ||
        status.replicas !== replicas
      )
        return undefined;
      const sets = (await client.resource(replicaSets, 'default').list()).items;
      const images = (await client.resource(pods, 'default').list()).items.flatMap(({ spec }) =>
        spec.containers.map((container) => container.image ?? ''),
      );
      return images.length === replicas && images.every((one) => one === image)
        ? { deployment, sets, images }
        : undefined;
    },
    { timeoutMs: 15_000, intervalMs: 20, what: `${replicas} replicas of ${image}` },
  );
}

async function quiet(forMs: number): Promise<string[]> {
  await waitFor(
    async () => {
      const before = cluster.writes.length;
      await new Promise((resolve) => setTimeout(resolve, 300));
      return cluster.writes.length === before;
    },
    { timeoutMs: 10_000 },
  );
  const from = cluster.writes.length;
  await new Promise((resolve) => setTimeout(resolve, forMs));
  return cluster.writes.slice(from);
}

describe('a rollout', () => {
  it('makes, updates and rolls back, and its Service follows', async () => {
    cluster = await startCluster();
    const { client } = cluster;
    await client.resource(services, 'default').create({
      metadata: { name: 'web' },
      spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
    });
    await client.resource(deployments, 'default').create(web(3));
    await rolledOut(3, 'web:1');
    await setImage('web:2');
    const second = await rolledOut(3, 'web:2');
    expect(second.sets).toHaveLength(2);
    expect(second.deployment.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('2');
    await setImage('web:1');
    const third = await rolledOut(3, 'web:1');
    expect(third.sets).toHaveLength(2);
    expect(third.deployment.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('3');
    await waitFor(
      async () => {
        const slices = (
          await client.resource(endpointSlices, 'default').list({ labelSelector: 'kubernetes.io/service-name=web' })
        ).items;
        const addresses = (await client.resource(endpoints, 'default').get('web')).subsets?.[0]?.addresses;
        return slices.length === 1 && slices[0]?.endpoints?.length === 3 && addresses?.length === 3;
      },
      { timeoutMs: 5_000, what: 'three endpoints' },
    );
    await client.resource(deployments, 'default').delete('web', { propagationPolicy: 'Foreground' });
    await waitFor(
      async () =>
        (await client.resource(pods, 'default').list()).items.length === 0 &&
        (await client.resource(replicaSets, 'default').list()).items.length === 0,
      { timeoutMs: 10_000, what: 'everything gone' },
    );
  });

  it('makes no writes when nothing changes', async () => {
    cluster = await startCluster();
    await cluster.client
      .resource(services, 'default')
      .create({ metadata: { name: 'web' }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } });
    await cluster.client.resource(deployments, 'default').create(web(3));
    await rolledOut(3, 'web:1');
    expect(await quiet(2_000)).toEqual([]);
    await cluster.stopControllers();
    cluster.startControllers();
    expect(await quiet(1_500)).toEqual([]);
  });

  it.each(['before', 'after'] as const)(
    'ends the same when the controllers are killed %s any of its writes',
    async (when) => {
      cluster = await startCluster({ only: ['deployment', 'replicaset'] });
      await cluster.client.resource(deployments, 'default').create(web(2));
      await rolledOut(2, 'web:1');
      await quiet(0);
      const from = cluster.writes.length;
      await setImage('web:2');
      await rolledOut(2, 'web:2');
      await quiet(0);
      const usual = cluster.writes.length - from;
      for (let n = 1; n <= usual; n++) {
        const image = `web:${n + 2}`;
        const killed = cluster.killAtWrite(n, when);
        await setImage(image);
        await Promise.race([killed, rolledOut(2, image)]);
        cluster.startControllers();
        const { sets } = await rolledOut(2, image);
        expect(sets.filter(({ spec }) => (spec.replicas ?? 0) > 0)).toHaveLength(1);
      }
      expect(usual).toBeGreaterThan(6);
    },
    120_000,
  );
});
