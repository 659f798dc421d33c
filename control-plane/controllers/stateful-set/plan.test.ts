import { describe, expect, it } from 'vitest';
import type { StatefulSet } from '../../../api/kinds/apps/index.ts';
import type { Pod } from '../../../api/kinds/core/index.ts';
import { revisionHashLabel } from '../revision-history.ts';
import type { PodOptions } from '../testing/fixtures.ts';
import { makePod, metaOf, startMs } from '../testing/fixtures.ts';
import { claimNameOf, claimOwners, statefulPod } from './identity.ts';
import { planStatefulSet, planStatefulSetStatus } from './plan.ts';

const nowMs = startMs + 3_600_000;
const revisions = { current: 'old', update: 'new' };

function setOf(spec: Partial<StatefulSet['spec']> = {}): StatefulSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: metaOf('db'),
    spec: {
      replicas: 3,
      serviceName: 'db',
      selector: { matchLabels: { app: 'db' } },
      template: { metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'db', image: 'db:1' }] } },
      ...spec,
    },
  };
}
const podOf = (ordinal: number, revision: 'old' | 'new' = 'new', options: PodOptions = {}): Pod =>
  makePod(`db-${ordinal}`, { labels: { [revisionHashLabel]: revision }, ...options });

/** What the plan makes (`+ordinal`, of the former revision `+ordinal old`) and deletes (`-ordinal`). */
function steps(set: StatefulSet, pods: readonly Pod[]): string[] {
  const plan = planStatefulSet(set, pods, revisions, nowMs);
  return [
    ...plan.create.map(({ ordinal, revision }) => `+${ordinal}${revision === 'current' ? ' old' : ''}`),
    ...plan.delete.map(({ metadata }) => `-${metadata.name.slice('db-'.length)}`),
  ];
}
const updating = (rollingUpdate: object): Partial<StatefulSet['spec']> => ({
  updateStrategy: { type: 'RollingUpdate', rollingUpdate },
});
const all = (revision: 'old' | 'new'): Pod[] => [0, 1, 2].map((ordinal) => podOf(ordinal, revision));
const parallel = { podManagementPolicy: 'Parallel' } as const;
const unready: PodOptions = { ready: false };
const claimed = { volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: {} }] } as Partial<StatefulSet['spec']>;

describe('a StatefulSet', () => {
  it.each<[string, Partial<StatefulSet['spec']>, Pod[], string[]]>([
    ['begins with its first pod', {}, [], ['+0']],
    ['waits for a pod to be ready before the next', {}, [podOf(0, 'new', unready)], []],
    ['goes on when it is', {}, [podOf(0)], ['+1']],
    ['counts a pod only when it was ready long enough', { minReadySeconds: 7_200 }, [podOf(0)], []],
    ['fills a gap before anything else', {}, [podOf(0), podOf(2)], ['+1']],
    ['makes all at once in parallel', parallel, [], ['+0', '+1', '+2']],
    ['replaces a pod that ended', {}, [podOf(0, 'new', { phase: 'Failed' })], ['-0']],
    ['counts from its first ordinal', { ordinals: { start: 5 } }, [podOf(5)], ['+6']],
    ['moves to other ordinals from below', { ordinals: { start: 1 } }, [podOf(0), podOf(1)], ['+2']],
    ['shrinks from the highest down', { replicas: 1 }, all('new'), ['-2']],
    [
      'lets one leave before the next goes',
      { replicas: 1 },
      [podOf(0), podOf(1), podOf(2, 'new', { deleting: true })],
      [],
    ],
    ['shrinks all at once in parallel', { ...parallel, replicas: 1 }, all('new'), ['-2', '-1']],
    [
      'does not shrink while a pod that stays is not ready',
      { replicas: 2 },
      [podOf(0), podOf(1, 'new', unready), podOf(2)],
      [],
    ],
    ['updates from the highest down, one at a time', updating({}), all('old'), ['-2']],
    ['waits for the updated pod', updating({}), [podOf(0, 'old'), podOf(1, 'old'), podOf(2, 'new', unready)], []],
    ['goes on when that is ready', updating({}), [podOf(0, 'old'), podOf(1, 'old'), podOf(2)], ['-1']],
    [
      'leaves what is below the partition',
      updating({ partition: 2 }),
      [podOf(0, 'old'), podOf(1, 'old'), podOf(2)],
      [],
    ],
    [
      'makes what is below the partition by the former revision',
      updating({ partition: 2 }),
      [podOf(1, 'old')],
      ['+0 old'],
    ],
    [
      'counts the partition from the first ordinal',
      { ...updating({ partition: 1 }), ordinals: { start: 5 } },
      [5, 6, 7].map((n) => podOf(n, 'old')),
      ['-7'],
    ],
    [
      'updates as many at a time as may be unavailable',
      { ...parallel, ...updating({ maxUnavailable: 2 }) },
      all('old'),
      ['-2', '-1'],
    ],
    ['reads a share of them', { ...parallel, ...updating({ maxUnavailable: '50%' }) }, all('old'), ['-2', '-1']],
    ['replaces nothing by itself on OnDelete', { updateStrategy: { type: 'OnDelete' } }, all('old'), []],
    [
      'makes by the new revision what was deleted on OnDelete',
      { updateStrategy: { type: 'OnDelete' } },
      [podOf(1, 'old'), podOf(2, 'old')],
      ['+0'],
    ],
  ])('%s', (_title, spec, pods, expected) => {
    expect(steps(setOf(spec), pods)).toEqual(expected);
  });

  it('does nothing while it is being deleted', () => {
    const set = setOf();
    set.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
    expect(steps(set, [])).toEqual([]);
  });

  it('reports its pods by revision, and takes the new one for its own when all are updated', () => {
    const half = planStatefulSetStatus(
      setOf(updating({})),
      [podOf(0, 'old'), podOf(1, 'old'), podOf(2)],
      revisions,
      nowMs,
    );
    expect(half.status).toMatchObject({
      currentRevision: 'old',
      updateRevision: 'new',
      currentReplicas: 2,
      updatedReplicas: 1,
    });
    const { status } = planStatefulSetStatus(setOf(updating({})), all('new'), revisions, nowMs);
    expect(status).toMatchObject({
      currentRevision: 'new',
      currentReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
    });
  });

  it('gives each pod its name, its place in DNS and its claims', () => {
    const set = setOf(claimed);
    const { metadata, spec } = statefulPod(set, 1, set.spec.template, 'db-abc');
    expect(metadata).toMatchObject({ name: 'db-1', labels: { 'apps.kubernetes.io/pod-index': '1' } });
    expect(spec).toMatchObject({ hostname: 'db-1', subdomain: 'db' });
    expect(spec?.volumes).toEqual([
      { name: 'data', persistentVolumeClaim: { claimName: claimNameOf(set, 'data', 1) } },
    ]);
  });

  it.each<['Retain' | 'Delete', 'Retain' | 'Delete', boolean, string[]]>([
    ['Retain', 'Retain', false, []],
    ['Retain', 'Retain', true, []],
    ['Delete', 'Retain', false, ['StatefulSet']],
    ['Delete', 'Retain', true, ['StatefulSet']],
    ['Retain', 'Delete', false, []],
    ['Retain', 'Delete', true, ['Pod']],
    ['Delete', 'Delete', true, ['Pod']],
  ])('claims: deleted %s, scaled %s, one too many %s', (whenDeleted, whenScaled, isCondemned, owners) => {
    const set = setOf({ ...claimed, persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled } });
    expect(claimOwners(set, podOf(2), isCondemned).map(({ kind }) => kind)).toEqual(owners);
  });
});
