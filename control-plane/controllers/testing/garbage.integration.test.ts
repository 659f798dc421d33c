// Garbage collection and namespaces on a real API server.
import { afterEach, describe, expect, it } from 'vitest';
import type { ConfigMap } from '../../../api/kinds/core/index.ts';
import type { OwnerReference } from '../../../api/meta/object-meta.ts';
import type { TestCluster } from './cluster.ts';
import { configMaps, namespaces, pods, secrets } from '../../../api/kinds/core/index.ts';
import { isApiError } from '../../../api/meta/status.ts';
import { waitFor } from '../../../machinery/wait.ts';
import { startCluster } from './cluster.ts';

let cluster: TestCluster;
afterEach(() => cluster.close());

const waiting = { timeoutMs: 10_000, intervalMs: 50 };
const api = () => cluster.client.resource(configMaps, 'default');
const ownedBy = (owner: ConfigMap, more: Partial<OwnerReference> = {}): OwnerReference => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  name: owner.metadata.name,
  uid: owner.metadata.uid,
  ...more,
});
const make = (name: string, ...ownerReferences: OwnerReference[]) =>
  api().create({ metadata: { name, ownerReferences } });
const names = async () =>
  (await api().list()).items
    .map(({ metadata }) => metadata.name)
    .filter((name) => name !== 'kube-root-ca.crt')
    .sort();
const becomes = (expected: string[]) =>
  waitFor(async () => JSON.stringify(await names()) === JSON.stringify(expected), {
    ...waiting,
    what: expected.join(' ') || 'nothing left',
  });
const settle = () => new Promise((resolve) => setTimeout(resolve, 700));

describe('garbage collection', () => {
  it('follows owners through every level, and keeps what still has one', async () => {
    cluster = await startCluster({ nodes: 0, only: ['garbage-collector'] });
    const [a, b] = [await make('a'), await make('b')];
    const child = await make('child', ownedBy(a));
    await make('grandchild', ownedBy(child));
    await make('shared', ownedBy(a), ownedBy(b));
    await settle();
    await api().delete('a', { propagationPolicy: 'Background' });
    await becomes(['b', 'shared']);
    expect((await api().get('shared')).metadata.ownerReferences?.map(({ name }) => name)).toEqual(['b']);
  });

  it('removes what names an owner that never was, or one that was replaced', async () => {
    cluster = await startCluster({ nodes: 0, only: ['garbage-collector'] });
    const a = await make('a');
    await make('impostor', ownedBy(a, { uid: 'not-its-uid' }));
    await make('orphan', ownedBy(a, { name: 'nobody', uid: 'nobody' }));
    await becomes(['a']);
  });

  it('leaves alone what is owned by a kind that nobody serves', async () => {
    cluster = await startCluster({ nodes: 0, only: ['garbage-collector'] });
    await make('kept', { apiVersion: 'example.com/v1', kind: 'Widget', name: 'w', uid: 'w' });
    await settle();
    expect(await names()).toEqual(['kept']);
  });

  it('ends circles of owners, in the foreground too', async () => {
    cluster = await startCluster({ nodes: 0, only: ['garbage-collector'] });
    const a = await make('a');
    const b = await make('b', ownedBy(a, { blockOwnerDeletion: true }));
    await api().patch('a', {
      type: 'merge',
      body: { metadata: { ownerReferences: [ownedBy(b, { blockOwnerDeletion: true })] } },
    });
    await settle();
    await api().delete('a', { propagationPolicy: 'Foreground' });
    await becomes([]);
  });

  it('in the foreground lets the owner go last, and as orphans keeps the dependents', async () => {
    cluster = await startCluster({ nodes: 0, only: ['garbage-collector'] });
    const a = await make('a');
    await api().create({
      metadata: {
        name: 'held',
        finalizers: ['example.com/hold'],
        ownerReferences: [ownedBy(a, { blockOwnerDeletion: true })],
      },
    });
    await settle();
    await api().delete('a', { propagationPolicy: 'Foreground' });
    await settle();
    expect(await names()).toEqual(['a', 'held']);
    await api().patch('held', { type: 'merge', body: { metadata: { finalizers: null } } });
    await becomes([]);
    const b = await make('b');
    await make('free', ownedBy(b));
    await settle();
    await api().delete('b', { propagationPolicy: 'Orphan' });
    await becomes(['free']);
    expect((await api().get('free')).metadata.ownerReferences).toBeUndefined();
  });
});

describe('a namespace', () => {
  it('goes with all that is in it, and says what it waits for', async () => {
    cluster = await startCluster();
    const { client } = cluster;
    await client.resource(namespaces).create({ metadata: { name: 'shop' }, spec: {} });
    await waitFor(() => client.resource(configMaps, 'shop').get('kube-root-ca.crt'), {
      ...waiting,
      what: 'the root CA',
    });
    await client.resource(secrets, 'shop').create({ metadata: { name: 'held', finalizers: ['example.com/hold'] } });
    await client
      .resource(pods, 'shop')
      .create({ metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'x' }] } });
    await client.resource(namespaces).delete('shop');
    const told = await waitFor(
      async () => {
        const { status } = await client.resource(namespaces).get('shop');
        return status?.conditions?.find(
          ({ type, status: is }) => type === 'NamespaceFinalizersRemaining' && is === 'True',
        );
      },
      { ...waiting, what: 'the condition' },
    );
    expect(told.message).toBe(
      'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
    );
    await client.resource(secrets, 'shop').patch('held', { type: 'merge', body: { metadata: { finalizers: null } } });
    await waitFor(
      async () =>
        client
          .resource(namespaces)
          .get('shop')
          .then(
            () => false,
            (error) => isApiError(error, 'NotFound'),
          ),
      { ...waiting, what: 'the namespace to go' },
    );
  });
});
