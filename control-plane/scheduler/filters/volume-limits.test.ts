import { expect, it } from 'vitest';
import type { CSINode, StorageClass } from '../../../api/kinds/storage/index.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../../api/kinds/core/index.ts';
import { infoOf, nodeNamed, podNamed, snapshotOf } from '../fixtures.ts';
import { defaultProfile } from '../profile.ts';
import { firstRefusal, prepareFilters } from '../schedule.ts';
import { formatSentence } from '../sentences.ts';

const driver = 'disk.example.com';
const uses = (...names: string[]): object => ({
  volumes: names.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })),
});

/** Claims of any name are bound to a volume of that name, but those named `new…` wait for the first pod. */
function refusal(limit: number, there: readonly string[], wanted: readonly string[]) {
  const others = there.map((name, i) => podNamed(`o${i}`, { nodeName: 'n', spec: uses(name) }));
  const snapshot = snapshotOf([nodeNamed('n')], others);
  snapshot.volumes = {
    claim: (key) => {
      const name = key.split('/')[1] ?? '';
      const annotations = { 'pv.kubernetes.io/bind-completed': 'yes' };
      const spec = name.startsWith('new') ? { storageClassName: 'disk' } : { volumeName: name };
      return { metadata: { name, namespace: 'default', annotations }, spec } as unknown as PersistentVolumeClaim;
    },
    volume: (name) => ({ metadata: { name }, spec: { csi: { driver, volumeHandle: name } } }) as PersistentVolume,
    volumes: () => [],
    storageClass: () => ({ provisioner: driver, volumeBindingMode: 'WaitForFirstConsumer' }) as StorageClass,
    csiNode: () => ({ spec: { drivers: [{ name: driver, nodeID: 'n', allocatable: { count: limit } }] } }) as CSINode,
  };
  const filters = prepareFilters(snapshot, infoOf('p', { spec: uses(...wanted) }), defaultProfile);
  const node = snapshot.node('n');
  if (!node) throw new Error('no node');
  const sentences = filters.flatMap((filter) => filter.explain(node));
  return {
    reasons: firstRefusal(filters, node)?.reasons,
    en: sentences.map((sentence) => formatSentence(sentence, 'en')),
    zh: sentences.map((sentence) => formatSentence(sentence, 'zh-CN')),
  };
}

it('a node attaches no more volumes of a driver than it can, and says so in both languages', () => {
  expect(refusal(2, ['a', 'b'], ['c'])).toEqual({
    reasons: ['node(s) exceed max volume count'],
    en: [`n may attach 2 volumes of ${driver}, has 2, and the pod needs 1 more`],
    zh: [`n 最多可挂接 2 个 ${driver} 存储卷，已有 2 个，Pod 还需要 1 个`],
  });
});

it.each([
  ['one more that fits', 3, ['a', 'b'], ['c']],
  ['one that is attached already', 2, ['a', 'b'], ['b']],
  ['one that two pods share there', 2, ['a', 'a'], ['c']],
])('it takes %s', (_, limit, there, wanted) => {
  expect(refusal(limit, there, wanted).reasons).toBeUndefined();
});

it('counts volumes that are still to be made', () => {
  expect(refusal(1, ['new-1'], ['new-2']).reasons).toEqual(['node(s) exceed max volume count']);
  expect(refusal(2, ['new-1'], ['new-2']).reasons).toBeUndefined();
});
