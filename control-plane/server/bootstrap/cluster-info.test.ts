import { afterEach, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configMaps, type ConfigMap } from '../../../api/kinds/core/index.ts';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { createFakeClock } from '../../../machinery/clock.ts';
import { createMemoryStore } from '../../store/memory-store.ts';
import type { ServerParts } from '../parts.ts';
import { createReader, storageKey } from '../registry/reader.ts';
import { publishClusterInfo } from './cluster-info.ts';

const store = createMemoryStore();
const clock = createFakeClock(Date.parse('2026-11-24T00:00:00Z'));
const parts = { store, clock, reader: createReader(store) } as unknown as ServerParts;
const key = storageKey(configMaps, 'kube-public', 'cluster-info');
const read = async (): Promise<Record<string, string>> =>
  ((await store.get(key))?.parse() as unknown as ConfigMap).data ?? {};
const write = async (data: Record<string, string>): Promise<void> => {
  const stored = await store.get(key);
  if (stored === undefined) throw new Error('nothing there');
  await store.update(key, { ...stored.parse(), data } as KubernetesObject, stored.revision);
};
const clusterOf = (text = ''): unknown => (parse(text) as { clusters: { cluster: unknown }[] }).clusters[0]?.cluster;
const base64 = (text: string): string => Buffer.from(text).toString('base64');

afterEach(async () => {
  await store.delete(key);
});

it('is made where it is missing, and left alone where nothing changed', async () => {
  await publishClusterInfo(parts, { url: 'https://10.0.0.1:6443', ca: 'one' });
  expect(clusterOf((await read())['kubeconfig'])).toEqual({
    server: 'https://10.0.0.1:6443',
    'certificate-authority-data': base64('one'),
  });
  const before = (await store.get(key))?.revision;
  await publishClusterInfo(parts, { url: 'https://10.0.0.2:6443', ca: 'one' });
  expect((await store.get(key))?.revision).toBe(before);
});

it('follows the authority, and keeps the address that somebody chose and what others wrote', async () => {
  await publishClusterInfo(parts, { url: 'https://10.0.0.1:6443', ca: 'one' });
  const { kubeconfig = '' } = await read();
  await write({ kubeconfig: kubeconfig.replace('10.0.0.1', 'balancer'), 'jws-kubeconfig-abcdef': 'signature' });
  await publishClusterInfo(parts, { url: 'https://10.0.0.1:6443', ca: 'two' });
  const data = await read();
  expect(clusterOf(data['kubeconfig'])).toEqual({
    server: 'https://balancer:6443',
    'certificate-authority-data': base64('two'),
  });
  expect(data['jws-kubeconfig-abcdef']).toBe('signature');
});

it.each(['', '{', 'clusters: nothing', 'clusters: [1]'])(
  'is written anew where it cannot be read: %j',
  async (text) => {
    await publishClusterInfo(parts, { url: 'https://10.0.0.1:6443', ca: 'one' });
    await write({ kubeconfig: text });
    await publishClusterInfo(parts, { url: 'https://10.0.0.1:6443', ca: 'one' });
    expect(clusterOf((await read())['kubeconfig'])).toMatchObject({ server: 'https://10.0.0.1:6443' });
  },
);
