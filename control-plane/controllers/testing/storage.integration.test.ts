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

describe('what is in use', () => {
  it('outlives its deletion: a claim until its pod ends, its volume until the claim is gone', async () => {
    cluster = await startCluster();
    const volumeApi = cluster.client.resource(persistentVolumes);
    const claimApi = cluster.client.resource(persistentVolumeClaims, 'default');
    const podApi = cluster.client.resource(pods, 'default');
    await volumeApi.create({
      metadata: { name: 'disk' },
      spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/tmp/disk' } },
    });
    await claimApi.create({ metadata: { name: 'data' }, spec: request('1Gi', { storageClassName: '' }) });
    const isBound = async (): Promise<boolean> => (await claimApi.get('data')).status?.phase === 'Bound';
    await waitFor(isBound, { ...waiting, what: 'the claim to be bound' });
    await podApi.create({
      metadata: { name: 'user' },
      spec: {
        containers: [{ name: 'c', image: 'x' }],
        volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
      },
    });
    const runs = async (): Promise<boolean> => (await podApi.get('user')).status?.phase === 'Running';
    await waitFor(runs, { ...waiting, what: 'the pod to run' });
    await claimApi.delete('data');
    await volumeApi.delete('disk');
    // Whoever would let them go has seen that they are to go when it has seen a later object.
    await claimApi.create({ metadata: { name: 'later' }, spec: request('1Gi', { storageClassName: '' }) });
    const isSeen = async (): Promise<boolean> => (await claimApi.get('later')).status?.phase === 'Pending';
    await waitFor(isSeen, { ...waiting, what: 'a later claim to be seen' });
    expect((await claimApi.get('data')).metadata.deletionTimestamp).toBeDefined();
    expect((await volumeApi.get('disk')).metadata.deletionTimestamp).toBeDefined();
    await podApi.delete('user');
    const isGone = async (): Promise<boolean> =>
      !(await claimApi.list()).items.some(({ metadata }) => metadata.name === 'data') &&
      (await volumeApi.list()).items.length === 0;
    await waitFor(isGone, { ...waiting, what: 'the claim and then its volume to go' });
  });

  it('is made for one pod alone where it is ephemeral, and goes with it', async () => {
    cluster = await startCluster();
    const claimApi = cluster.client.resource(persistentVolumeClaims, 'default');
    const podApi = cluster.client.resource(pods, 'default');
    const volumeClaimTemplate = { spec: request('1Gi', { storageClassName: 'none' }) };
    await podApi.create({
      metadata: { name: 'user' },
      spec: {
        containers: [{ name: 'c', image: 'x' }],
        volumes: [{ name: 'scratch', ephemeral: { volumeClaimTemplate } }],
      },
    });
    const uidOf = async (): Promise<string | undefined> =>
      (await claimApi.list()).items.find(({ metadata }) => metadata.name === 'user-scratch')?.metadata.uid;
    const first = await waitFor(uidOf, { ...waiting, what: 'the claim' });
    expect((await claimApi.get('user-scratch')).metadata.ownerReferences).toMatchObject([
      { kind: 'Pod', name: 'user' },
    ]);
    await podApi.delete('user');
    const isGone = async (): Promise<boolean> => (await uidOf()) === undefined;
    await waitFor(isGone, { ...waiting, what: `claim ${first} to go with its pod` });
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
