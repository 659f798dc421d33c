import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Deployment, ReplicaSet } from '../../../api/kinds/apps/index.ts';
import type { Pod } from '../../../api/kinds/core/index.ts';
import { makeDeployment, makePod, makeSet, metaOf, startMs } from '../testing/fixtures.ts';
import { planDeployment } from './plan.ts';
import { planDeploymentStatus } from './status.ts';

const none = (): Pod[] => [];
const desired = 'deployment.kubernetes.io/desired-replicas';
const max = 'deployment.kubernetes.io/max-replicas';
const revision = 'deployment.kubernetes.io/revision';

function sizes(
  deployment: Deployment,
  sets: ReplicaSet[],
  podsOf: (set: Readonly<ReplicaSet>) => Pod[] = none,
): Record<string, number> {
  const plan = planDeployment(deployment, sets, podsOf);
  const changes = Object.fromEntries(plan.update.map(({ to }) => [to.metadata.name, to.spec.replicas ?? 1]));
  return plan.create ? { ...changes, new: plan.create.spec.replicas ?? 1 } : changes;
}

function web(replicas: number, spec: Partial<Deployment['spec']> = {}, image = 'web:2'): Deployment {
  const made = makeDeployment('web', { replicas, ...spec });
  made.spec.template.spec = { containers: [{ name: 'web', image }] };
  return made;
}

describe('a rolling update', () => {
  it('starts with a ReplicaSet of the full size, its revision 1 and the pod-template-hash everywhere', () => {
    const deployment = web(3);
    deployment.metadata.annotations = {
      'kubernetes.io/change-cause': 'first',
      'kubectl.kubernetes.io/last-applied-configuration': '{}',
    };
    const { create, revision: own } = planDeployment(deployment, [], none);
    const hash = create?.metadata.labels?.['pod-template-hash'] ?? '';
    expect(create?.metadata.name).toBe(`web-${hash}`);
    expect(create?.spec.replicas).toBe(3);
    expect(create?.spec.selector.matchLabels).toEqual({ app: 'web', 'pod-template-hash': hash });
    expect(create?.spec.template?.metadata?.labels).toEqual({ app: 'web', 'pod-template-hash': hash });
    expect(create?.metadata.annotations).toEqual({
      'kubernetes.io/change-cause': 'first',
      [revision]: '1',
      [desired]: '3',
      [max]: '4',
    });
    expect(own).toBe(1n);
  });

  it.each<[string, Deployment, ReplicaSet[], Record<string, number>]>([
    [
      'first makes the new set as large as the surge allows',
      web(10),
      [makeSet(web(10), 'old', 10)],
      { new: 3, 'web-old': 8 },
    ],
    [
      'keeps maxUnavailable 0 by surge alone',
      web(4, { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } }),
      [makeSet(web(4), 'old', 4)],
      { new: 1 },
    ],
    [
      'never stands still when both limits are 0',
      web(2, { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } }),
      [makeSet(web(2), 'old', 2)],
      { new: 0, 'web-old': 1 },
    ],
    [
      'lets old pods go as new ones become available',
      web(10),
      [makeSet(web(10), 'old', 8), makeSet(web(10), 'new', 5, { available: 2, image: 'web:2' })],
      { 'web-old': 6 },
    ],
    [
      'waits while the new pods are not available',
      web(10),
      [makeSet(web(10), 'old', 8), makeSet(web(10), 'new', 5, { available: 0, image: 'web:2' })],
      {},
    ],
    [
      'takes unavailable old pods first',
      web(4),
      [makeSet(web(4), 'old', 4, { available: 2 }), makeSet(web(4), 'new', 1, { available: 0, image: 'web:2' })],
      { 'web-old': 3 },
    ],
    [
      'grows the new set into the room that went',
      web(10),
      [makeSet(web(10), 'old', 6), makeSet(web(10), 'new', 5, { image: 'web:2' })],
      { 'web-new': 7 },
    ],
    ['shrinks a new set that is too large', web(2), [makeSet(web(2), 'new', 5, { image: 'web:2' })], { 'web-new': 2 }],
    [
      'does nothing when all is done',
      web(3),
      [makeSet(web(3), 'old', 0), makeSet(web(3), 'new', 3, { image: 'web:2' })],
      {},
    ],
  ])('%s', (_title, deployment, sets, expected) => {
    const changed = sizes(deployment, sets);
    for (const name of Object.keys(changed)) {
      const before = sets.find((set) => set.metadata.name === name);
      if (before && changed[name] === before.spec.replicas) delete changed[name];
    }
    expect(changed).toEqual(expected);
  });

  it('counts revisions of 64 bits exactly', () => {
    const deployment = web(2, {}, 'web:2');
    const huge = makeSet(deployment, 'a', 2, { image: 'web:1', annotations: { [revision]: '3546343826724305832' } });
    expect(planDeployment(deployment, [huge], none).create?.metadata.annotations?.[revision]).toBe(
      '3546343826724305833',
    );
  });

  it('gives a set that is rolled back to the next revision and remembers the former one', () => {
    const deployment = web(2, {}, 'web:1');
    const first = makeSet(deployment, 'a', 0, { image: 'web:1', annotations: { [revision]: '1' } });
    const second = makeSet(deployment, 'b', 2, { image: 'web:2', annotations: { [revision]: '2' } });
    const plan = planDeployment(deployment, [first, second], none);
    const back = plan.update.find(({ from }) => from === first)?.to;
    expect(back?.metadata.annotations).toMatchObject({
      [revision]: '3',
      'deployment.kubernetes.io/revision-history': '1',
    });
    expect(plan.revision).toBe(3n);
  });

  it('forgets the earliest empty sets beyond the history limit, and only once complete', () => {
    const deployment = web(1, { revisionHistoryLimit: 1 });
    const sets = ['a', 'b', 'c'].map((name, i) =>
      makeSet(deployment, name, 0, { image: `web:${name}`, annotations: { [revision]: String(i + 1) } }),
    );
    const current = makeSet(deployment, 'new', 1, { image: 'web:2', annotations: { [revision]: '4' } });
    expect(planDeployment(deployment, [...sets, current], none).delete).toEqual([]);
    deployment.status = { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1 };
    expect(planDeployment(deployment, [...sets, current], none).delete.map(({ metadata }) => metadata.name)).toEqual([
      'web-a',
      'web-b',
    ]);
  });

  it('always gets there, within its limits at every step', () => {
    const percentOrCount = fc.oneof(
      fc.integer({ min: 0, max: 5 }),
      fc.integer({ min: 0, max: 100 }).map((n) => `${n}%`),
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 12 }),
        fc.integer({ min: 0, max: 12 }),
        percentOrCount,
        percentOrCount,
        (replicas, oldReplicas, maxSurge, maxUnavailable) => {
          const deployment = web(replicas, {
            strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } },
          });
          let sets = [
            makeSet(web(oldReplicas, {}, 'web:1'), 'old', oldReplicas, {
              annotations: { [desired]: String(replicas) },
            }),
          ];
          const surge =
            typeof maxSurge === 'number' ? maxSurge : Math.ceil((Number.parseInt(maxSurge, 10) * replicas) / 100);
          for (let step = 0; step < 200; step++) {
            const plan = planDeployment(deployment, sets, none);
            const total = sets.reduce((sum, set) => sum + (set.spec.replicas ?? 0), 0);
            sets = sets.map((set) => plan.update.find(({ from }) => from === set)?.to ?? set);
            if (plan.create)
              sets.push({
                ...plan.create,
                apiVersion: 'apps/v1',
                kind: 'ReplicaSet',
                metadata: metaOf(plan.create.metadata.name ?? '', plan.create.metadata),
              } as ReplicaSet);
            const next = sets.reduce((sum, set) => sum + (set.spec.replicas ?? 0), 0);
            expect(next).toBeLessThanOrEqual(Math.max(total, replicas + surge));
            // Every pod becomes available at once: the fastest world.
            sets = sets.map((set) => ({
              ...set,
              status: { replicas: set.spec.replicas ?? 0, availableReplicas: set.spec.replicas ?? 0 },
            }));
            if (plan.update.length === 0 && plan.create === undefined) break;
          }
          expect(sets.map((set) => set.spec.replicas)).toEqual([0, replicas]);
          expect(planDeployment(deployment, sets, none).update).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('scaling in the middle of a rollout', () => {
  it('spreads the difference over the sets in proportion', () => {
    const deployment = web(20);
    const annotations = { [desired]: '10', [max]: '13' };
    const sets = [
      makeSet(deployment, 'old', 8, { annotations }),
      makeSet(deployment, 'new', 5, { image: 'web:2', annotations }),
    ];
    expect(sizes(deployment, sets)).toEqual({ 'web-old': 15, 'web-new': 10 });
  });

  it('scales the only active set, also while paused', () => {
    const deployment = web(5, { paused: true });
    const old = makeSet(deployment, 'old', 3, { annotations: { [desired]: '3', [max]: '4' } });
    expect(sizes(deployment, [old])).toEqual({ 'web-old': 5 });
  });

  it('makes nothing new while paused', () => {
    expect(planDeployment(web(3, { paused: true }), [], none).create).toBeUndefined();
  });
});

describe('Recreate', () => {
  const strategy = { type: 'Recreate' } as const;

  it('empties the old sets first and waits until their pods have gone', () => {
    const deployment = web(3, { strategy });
    expect(sizes(deployment, [makeSet(deployment, 'old', 3)])).toEqual({ 'web-old': 0 });
    const empty = makeSet(deployment, 'old', 0, { annotations: { [desired]: '3', [max]: '3' } });
    expect(sizes(deployment, [empty], () => [makePod('late', { deleting: true })])).toEqual({});
    expect(sizes(deployment, [empty], () => [makePod('ended', { phase: 'Failed' })])).toEqual({ new: 3 });
  });
});

describe('the status of a Deployment', () => {
  const reasonOf = (deployment: Deployment, sets: ReplicaSet[], newSet: ReplicaSet | undefined, nowMs: number) => {
    const { status, requeueAfterMs } = planDeploymentStatus(deployment, sets, newSet, nowMs);
    const progressing = status.conditions?.find(({ type }) => type === 'Progressing');
    return { reason: progressing?.reason, status: progressing?.status, requeueAfterMs };
  };

  it('progresses, completes, and says so once', () => {
    const deployment = web(2);
    const set = makeSet(deployment, 'new', 2, { available: 1, image: 'web:2' });
    expect(reasonOf(deployment, [set], set, startMs).reason).toBe('ReplicaSetUpdated');
    deployment.status = planDeploymentStatus(deployment, [set], set, startMs).status;
    const done = makeSet(deployment, 'new', 2, { image: 'web:2' });
    const completed = planDeploymentStatus(deployment, [done], done, startMs + 5_000).status;
    expect(completed.conditions?.find(({ type }) => type === 'Progressing')).toMatchObject({
      status: 'True',
      reason: 'NewReplicaSetAvailable',
      message: 'ReplicaSet "web-new" has successfully progressed.',
    });
    deployment.status = completed;
    expect(planDeploymentStatus(deployment, [done], done, startMs + 60_000).status).toEqual(completed);
  });

  it('counts a revision from when it is found, also when the controller was killed after making it', () => {
    const deployment = web(2);
    const old = makeSet(web(2, {}, 'web:1'), 'old', 2);
    const success = {
      type: 'Progressing',
      status: 'True',
      reason: 'NewReplicaSetAvailable',
      message: `ReplicaSet "${old.metadata.name}" has successfully progressed.`,
      lastUpdateTime: '2020-01-01T00:00:00Z',
      lastTransitionTime: '2020-01-01T00:00:00Z',
    };
    deployment.status = { replicas: 2, updatedReplicas: 2, availableReplicas: 2, conditions: [success] };
    const fresh = makeSet(deployment, 'new', 1, { available: 0, pods: 0 });
    const found = { reason: 'FoundNewReplicaSet' as const, message: 'found' };
    const { status } = planDeploymentStatus(deployment, [old, fresh], fresh, startMs, found);
    expect(status.conditions?.find(({ type }) => type === 'Progressing')?.reason).toBe('FoundNewReplicaSet');
    const again = planDeploymentStatus({ ...deployment, status }, [old, fresh], fresh, startMs + 601_000, found);
    expect(again.status.conditions?.find(({ type }) => type === 'Progressing')?.reason).toBe(
      'ProgressDeadlineExceeded',
    );
  });

  it('exceeds its deadline when nothing moves, and looks again just then', () => {
    const deployment = web(2, { progressDeadlineSeconds: 30 });
    const set = makeSet(deployment, 'new', 2, { available: 0, pods: 2, image: 'web:2' });
    const first = planDeploymentStatus(deployment, [set], set, startMs);
    expect(first.requeueAfterMs).toBe(31_100);
    deployment.status = first.status;
    expect(reasonOf(deployment, [set], set, startMs + 29_000).reason).toBe('ReplicaSetUpdated');
    expect(reasonOf(deployment, [set], set, startMs + 31_100)).toEqual({
      reason: 'ProgressDeadlineExceeded',
      status: 'False',
      requeueAfterMs: undefined,
    });
  });

  it('reports a set that cannot make pods', () => {
    const deployment = web(2);
    const set = makeSet(deployment, 'new', 2, { available: 0, pods: 0, image: 'web:2' });
    set.status = {
      replicas: 0,
      conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'quota' }],
    };
    const { status } = planDeploymentStatus(deployment, [set], set, startMs);
    expect(status.conditions?.find(({ type }) => type === 'ReplicaFailure')).toMatchObject({
      status: 'True',
      reason: 'FailedCreate',
    });
    expect(status.conditions?.find(({ type }) => type === 'Available')).toMatchObject({ status: 'False' });
  });
});
