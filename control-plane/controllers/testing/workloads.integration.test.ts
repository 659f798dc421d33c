// StatefulSets and DaemonSets on a real API server.
import { afterEach, describe, expect, it } from 'vitest';
import type { DaemonSet, StatefulSet } from '../../../api/kinds/apps/index.ts';
import type { Pod } from '../../../api/kinds/core/index.ts';
import type { Draft } from '../../../api/meta/object-meta.ts';
import type { TestCluster } from './cluster.ts';
import { controllerRevisions, daemonSets, statefulSets } from '../../../api/kinds/apps/index.ts';
import { nodes, persistentVolumeClaims, pods } from '../../../api/kinds/core/index.ts';
import { waitFor } from '../../../machinery/wait.ts';
import { startCluster } from './cluster.ts';

let cluster: TestCluster;
afterEach(() => cluster.close());

const template = (app: string, image: string) => ({
  metadata: { labels: { app } },
  spec: { containers: [{ name: 'main', image }] },
});
const podsOf = async (app: string): Promise<Pod[]> =>
  (await cluster.client.resource(pods, 'default').list({ labelSelector: `app=${app}` })).items;
const imagesOf = (all: Pod[]): string[] => all.map(({ spec }) => spec.containers[0]?.image ?? '');

describe('a StatefulSet', () => {
  const db = (replicas: number): Draft<StatefulSet> => ({
    metadata: { name: 'db', namespace: 'default' },
    spec: {
      replicas,
      serviceName: 'db',
      selector: { matchLabels: { app: 'db' } },
      template: template('db', 'db:1'),
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
      ],
    },
  });
  const settled = (replicas: number, image: string) =>
    waitFor(
      async () => {
        const set = await cluster.client.resource(statefulSets, 'default').get('db');
        const all = await podsOf('db');
        return set.status?.readyReplicas === replicas &&
          set.status.currentRevision === set.status.updateRevision &&
          all.length === replicas &&
          imagesOf(all).every((one) => one === image)
          ? all
          : undefined;
      },
      { timeoutMs: 15_000, intervalMs: 20, what: `${replicas} of ${image}` },
    );

  it('makes its pods in order with claims, updates downwards, and keeps claims when it shrinks', async () => {
    cluster = await startCluster();
    const { client } = cluster;
    const api = client.resource(statefulSets, 'default');
    await api.create(db(3));
    const made = await settled(3, 'db:1');
    const byAge = made
      .sort((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion))
      .map(({ metadata }) => metadata.name);
    expect(byAge.sort()).toEqual(['db-0', 'db-1', 'db-2']);
    expect(made[0]?.spec.hostname).toBe(made[0]?.metadata.name);
    const claims = (await client.resource(persistentVolumeClaims, 'default').list()).items.map(
      ({ metadata }) => metadata.name,
    );
    expect(claims.sort()).toEqual(['data-db-0', 'data-db-1', 'data-db-2']);
    await api.patch('db', {
      type: 'strategic',
      body: { spec: { template: { spec: { containers: [{ name: 'main', image: 'db:2' }] } } } },
    });
    await settled(3, 'db:2');
    await api.patch('db', { type: 'merge', body: { spec: { replicas: 1 } } });
    const left = await settled(1, 'db:2');
    expect(left.map(({ metadata }) => metadata.name)).toEqual(['db-0']);
    expect((await client.resource(persistentVolumeClaims, 'default').list()).items).toHaveLength(3);
    expect(
      (await client.resource(controllerRevisions, 'default').list()).items.map(({ revision }) => revision).sort(),
    ).toEqual([1, 2]);
  });
});

describe('a DaemonSet', () => {
  it('runs on every node that tolerates it, follows nodes, and rolls', async () => {
    cluster = await startCluster({ nodes: 3 });
    const { client } = cluster;
    const api = client.resource(daemonSets, 'default');
    await client
      .resource(nodes)
      .patch('node-2', { type: 'merge', body: { spec: { taints: [{ key: 'gpu', effect: 'NoSchedule' }] } } });
    const agent: Draft<DaemonSet> = {
      metadata: { name: 'agent', namespace: 'default' },
      spec: { selector: { matchLabels: { app: 'agent' } }, template: template('agent', 'agent:1') },
    };
    await api.create(agent);
    const settled = (count: number, image: string) =>
      waitFor(
        async () => {
          const set = await api.get('agent');
          const all = await podsOf('agent');
          return set.status?.desiredNumberScheduled === count &&
            set.status.numberAvailable === count &&
            set.status.updatedNumberScheduled === count &&
            all.length === count &&
            imagesOf(all).every((one) => one === image)
            ? all
            : undefined;
        },
        { timeoutMs: 15_000, intervalMs: 20, what: `${count} of ${image}` },
      );
    const first = await settled(2, 'agent:1');
    const chosen = first.map(
      ({ spec }) =>
        spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms[0]
          ?.matchFields?.[0]?.values?.[0],
    );
    expect(chosen.sort()).toEqual(['node-0', 'node-1']);
    await client.resource(nodes).patch('node-2', { type: 'merge', body: { spec: { taints: null } } });
    await settled(3, 'agent:1');
    await api.patch('agent', {
      type: 'strategic',
      body: { spec: { template: { spec: { containers: [{ name: 'main', image: 'agent:2' }] } } } },
    });
    await settled(3, 'agent:2');
  });
});
