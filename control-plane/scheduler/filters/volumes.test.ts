import { expect, it } from 'vitest';
import type { PersistentVolume, PersistentVolumeClaim } from '../../../api/kinds/core/index.ts';
import type { StorageClass } from '../../../api/kinds/storage/index.ts';
import { infoOf, nodeNamed, podNamed, snapshotOf } from '../fixtures.ts';
import { defaultProfile } from '../profile.ts';
import { schedule } from '../schedule.ts';

const uses = (claimName: string): object => ({ volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }] });
const claim = (
  name: string,
  facts: { className?: string; volumeName?: string; accessModes?: string[]; deleting?: boolean } = {},
) =>
  ({
    metadata: {
      name,
      namespace: 'default',
      uid: name,
      annotations: facts.volumeName ? { 'pv.kubernetes.io/bind-completed': 'yes' } : {},
      ...(facts.deleting ? { deletionTimestamp: 'now' } : {}),
    },
    spec: {
      storageClassName: facts.className ?? 'late',
      volumeName: facts.volumeName,
      accessModes: facts.accessModes ?? ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
    },
  }) as unknown as PersistentVolumeClaim;
const volume = (name: string, nodeName: string, storage = '2Gi') =>
  ({
    metadata: { name },
    spec: {
      capacity: { storage },
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'static',
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [nodeName] }] },
          ],
        },
      },
    },
  }) as unknown as PersistentVolume;
const late = { volumeBindingMode: 'WaitForFirstConsumer' };
const classes: Record<string, StorageClass> = {
  late: { provisioner: 'x', ...late } as StorageClass,
  static: { provisioner: 'kubernetes.io/no-provisioner', ...late } as StorageClass,
  early: { provisioner: 'x', volumeBindingMode: 'Immediate' } as StorageClass,
};

/** Where a pod with a claim goes: a node's name, or the reasons against. */
function place(
  claims: PersistentVolumeClaim[],
  volumes: PersistentVolume[] = [],
  others: ReturnType<typeof podNamed>[] = [],
): string {
  const snapshot = snapshotOf([nodeNamed('n1'), nodeNamed('n2')], others);
  snapshot.volumes = {
    claim: (key) => claims.find(({ metadata }) => `default/${metadata.name}` === key),
    volume: (name) => volumes.find(({ metadata }) => metadata.name === name),
    volumes: () => volumes,
    storageClass: (name) => classes[name],
    csiNode: () => undefined,
  };
  const decision = schedule(snapshot, infoOf('p', { spec: uses('data') }), defaultProfile);
  return decision.placed
    ? decision.node.name
    : [...new Set([...decision.refusals.values()].flatMap(({ reasons }) => reasons))].join();
}

it.each([
  ['a missing claim', [], 'persistentvolumeclaim "data" not found'],
  ['a claim that is leaving', [claim('data', { deleting: true })], 'persistentvolumeclaim "data" is being deleted'],
  [
    'a claim that is bound by itself, later',
    [claim('data', { className: 'early' })],
    'pod has unbound immediate PersistentVolumeClaims',
  ],
  [
    'a volume that nobody has',
    [claim('data', { className: 'static' })],
    "node(s) didn't find available persistent volumes to bind",
  ],
])('waits for %s', (_, claims, expected) => {
  expect(place(claims)).toBe(expected);
});

it('goes where the bound volume is', () => {
  expect(place([claim('data', { volumeName: 'v' })], [volume('v', 'n2')])).toBe('n2');
  expect(place([claim('data', { volumeName: 'v' })], [volume('v', 'n9')])).toBe(
    "node(s) didn't match PersistentVolume's node affinity",
  );
});

it('goes where a fitting volume waits, or where one can be made', () => {
  expect(place([claim('data', { className: 'static' })], [volume('small', 'n1', '1Mi'), volume('v', 'n2')])).toBe('n2');
  expect(place([claim('data')])).toMatch(/^n/);
});

it('leaves a claim that one pod may use to the pod that uses it', () => {
  const exclusive = claim('data', { accessModes: ['ReadWriteOncePod'], volumeName: 'v' });
  expect(
    place([exclusive], [volume('v', 'n1')], [podNamed('other', { nodeName: 'n1', spec: uses('data') })]),
  ).toContain('ReadWriteOncePod');
});
