// Claims, volumes and quotas on a real API server.
import { afterEach, describe, expect, it } from 'vitest';
import type { TestCluster } from './cluster.ts';
import {
  configMaps,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  resourceQuotas,
} from '../../../api/kinds/core/index.ts';
import { storageClasses } from '../../../api/kinds/storage/index.ts';
import { waitFor } from '../../../machinery/wait.ts';
import { isSame } from '../same.ts';
import { startCluster } from './cluster.ts';

let cluster: TestCluster;
afterEach(() => cluster.close());

const waiting = { timeoutMs: 10_000, intervalMs: 50 };
const request = (storage: string, more: object = {}) => ({
  accessModes: ['ReadWriteOnce' as const],
  resources: { requests: { storage } },
  ...more,
});

describe('a claim', () => {
  it('binds to the smallest volume that fits; the volume is kept when the claim goes', async () => {
    cluster = await startCluster();
    const volumeApi = cluster.client.resource(persistentVolumes);
    const claimApi = cluster.client.resource(persistentVolumeClaims, 'default');
    for (const [name, storage] of [
      ['large', '10Gi'],
      ['small', '1Gi'],
      ['middle', '5Gi'],
    ] as const) {
      await volumeApi.create({
        metadata: { name },
        spec: {
          capacity: { storage },
          accessModes: ['ReadWriteOnce'],
          hostPath: { path: `/tmp/${name}` },
          persistentVolumeReclaimPolicy: 'Retain',
        },
      });
    }
    await claimApi.create({ metadata: { name: 'data' }, spec: request('3Gi', { storageClassName: '' }) });
    const claim = await waitFor(
      async () => {
        const one = await claimApi.get('data');
        return one.status?.phase === 'Bound' ? one : undefined;
      },
      { ...waiting, what: 'the claim to be bound' },
    );
    expect(claim.spec?.volumeName).toBe('middle');
    expect(claim.status?.capacity).toEqual({ storage: '5Gi' });
    await claimApi.delete('data');
    await waitFor(async () => (await volumeApi.get('middle')).status?.phase === 'Released', {
      ...waiting,
      what: 'the volume to be released',
    });
    const before = cluster.writes.length;
    await new Promise((resolve) => setTimeout(resolve, 800));
    expect(cluster.writes.slice(before)).toEqual([]);
  });

  it('that was made before there was a default class gets it when it comes; one that wants none gets none', async () => {
    cluster = await startCluster();
    const { client } = cluster;
    const classApi = client.resource(storageClasses);
    const claimApi = client.resource(persistentVolumeClaims, 'default');
    await waitFor(() => classApi.get('local-path'), { ...waiting, what: 'the default class' });
    await classApi.delete('local-path');
    await claimApi.create({ metadata: { name: 'early' }, spec: request('1Gi') });
    await claimApi.create({ metadata: { name: 'none' }, spec: request('1Gi', { storageClassName: '' }) });
    expect((await claimApi.get('early')).spec?.storageClassName).toBeUndefined();
    await classApi.create({
      metadata: { name: 'later', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      provisioner: 'example.com/disks',
    });
    await waitFor(async () => (await claimApi.get('early')).spec?.storageClassName === 'later', {
      ...waiting,
      what: 'the class of the claim',
    });
    expect((await claimApi.get('none')).spec?.storageClassName).toBe('');
  });

  it('of the default class gets a folder on the node of its first pod, and both go together', async () => {
    cluster = await startCluster();
    const { client } = cluster;
    const claimApi = client.resource(persistentVolumeClaims, 'default');
    await waitFor(async () => (await client.resource(storageClasses).get('local-path')).metadata.name, {
      ...waiting,
      what: 'the default class',
    });
    await claimApi.create({ metadata: { name: 'data' }, spec: request('1Gi', { storageClassName: 'local-path' }) });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await claimApi.get('data')).status?.phase).toBe('Pending');
    await claimApi.patch('data', {
      type: 'merge',
      body: { metadata: { annotations: { 'volume.kubernetes.io/selected-node': 'node-1' } } },
    });
    const claim = await waitFor(
      async () => {
        const one = await claimApi.get('data');
        return one.status?.phase === 'Bound' ? one : undefined;
      },
      { ...waiting, what: 'the claim to be bound' },
    );
    const volume = await client.resource(persistentVolumes).get(claim.spec?.volumeName ?? '');
    expect(volume.spec?.nodeAffinity?.required?.nodeSelectorTerms[0]?.matchExpressions?.[0]?.values).toEqual([
      'node-1',
    ]);
    await claimApi.delete('data');
    await waitFor(async () => (await client.resource(persistentVolumes).list()).items.length === 0, {
      ...waiting,
      what: 'the volume to be deleted',
    });
  });
});

describe('a quota', () => {
  it('counts what is there, and what goes', async () => {
    cluster = await startCluster();
    const { client } = cluster;
    const api = client.resource(resourceQuotas, 'default');
    await api.create({
      metadata: { name: 'quota' },
      spec: { hard: { pods: '5', 'requests.cpu': '2', configmaps: '10' } },
    });
    await client.resource(pods, 'default').create({
      metadata: { name: 'p' },
      spec: { containers: [{ name: 'c', image: 'x', resources: { requests: { cpu: '250m' } } }] },
    });
    await client.resource(configMaps, 'default').create({ metadata: { name: 'c' } });
    const used = () => api.get('quota').then(({ status }) => status?.used);
    const full = { pods: '1', 'requests.cpu': '250m', configmaps: '2' }; // kube-root-ca.crt counts as well
    await waitFor(async () => isSame(await used(), full), { ...waiting, what: 'everything to count' });
    await client.resource(pods, 'default').delete('p');
    await waitFor(async () => (await used())?.['requests.cpu'] === '0', {
      ...waiting,
      what: 'the pod to be free again',
    });
  });
});
