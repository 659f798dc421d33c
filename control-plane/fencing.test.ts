import { expect, it } from 'vitest';
import type { KubernetesObject } from '../api/meta/object-meta.ts';
import { fencedStore, fenceHeader, fenceHeaders } from './fencing.ts';
import { podKey, podNamed } from './store/contract-suite.ts';
import { createMemoryStore } from './store/memory-store.ts';

it("lets a leader's writes land only while it leads", async () => {
  const store = createMemoryStore();
  const lease = (holderIdentity: string): KubernetesObject =>
    ({ ...podNamed('scheduler'), kind: 'Lease', spec: { holderIdentity } }) as unknown as KubernetesObject;
  const key = '/registry/leases/kube-system/scheduler';
  const held = await store.create(key, lease('host_1'));
  const header = fenceHeaders({ namespace: 'kube-system', name: 'scheduler', identity: 'host_1' })[fenceHeader] ?? '';
  const fenced = fencedStore(store, header);
  const pod = await fenced.create(podKey('a'), podNamed('a'));
  await store.update(key, lease('host_2'), held.revision);
  await expect(fenced.update(podKey('a'), podNamed('a', { note: 'late' }), pod.revision)).rejects.toMatchObject({
    reason: 'Fenced',
  });
  await expect(fenced.delete(podKey('a'))).rejects.toMatchObject({ reason: 'Fenced' });
  expect((await fenced.get(podKey('a')))?.revision).toBe(pod.revision);
  expect(() => fencedStore(store, 'nonsense')).toThrow('must be namespace/lease/identity');
});
