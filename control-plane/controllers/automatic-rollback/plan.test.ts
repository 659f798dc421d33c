import { describe, expect, it } from 'vitest';
import type { Deployment, ReplicaSet } from '../../../api/kinds/apps/index.ts';
import { makeDeployment, makePod, makeSet, startMs } from '../testing/fixtures.ts';
import { planRollback } from './plan.ts';

const good = (revision: number) => ({
  'deployment.kubernetes.io/revision': String(revision),
  'pilothouse.io/good-revision': String(revision),
});
const fresh = (revision: number) => ({ 'deployment.kubernetes.io/revision': String(revision) });

function web(
  reason: string,
  annotations: Record<string, string> = { 'pilothouse.io/automatic-rollback': 'true' },
): Deployment {
  const made = makeDeployment('web', { replicas: 2 });
  made.metadata.annotations = annotations;
  made.spec.template.spec = { containers: [{ name: 'web', image: 'web:2' }] };
  const counts = { replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
  made.status = {
    observedGeneration: 1,
    ...(reason === 'NewReplicaSetAvailable' ? counts : {}),
    conditions: [{ type: 'Progressing', status: 'True', reason, lastUpdateTime: '2026-01-01T00:00:00Z' }],
  };
  return made;
}
const sets = (deployment: Deployment, before: Record<string, string>, now: Record<string, string>): ReplicaSet[] => [
  makeSet(deployment, 'old', 1, { annotations: before, image: 'web:1' }),
  makeSet(deployment, 'new', 2, { annotations: now, image: 'web:2', available: 0 }),
];
const plan = (deployment: Deployment, all: ReplicaSet[], restarts = 0, nowMs = startMs) =>
  planRollback(
    deployment,
    all,
    (set) => [makePod(`${set.metadata.name}-pod`, { restarts: set.metadata.name.endsWith('new') ? restarts : 0 })],
    nowMs,
  );

describe('automatic rollback', () => {
  it('goes back to the last good revision when the deadline is exceeded, with the evidence', () => {
    const deployment = web('ProgressDeadlineExceeded');
    const result = plan(deployment, sets(deployment, good(1), fresh(2)));
    expect(result).toMatchObject({
      do: 'rollBack',
      to: { metadata: { name: 'web-old' } },
      evidence: 'Revision 2 (web-new) made no progress within its deadline: 0 of 2 pods available.',
    });
    expect(result.do === 'rollBack' && result.template.metadata?.labels).toEqual({ app: 'web' });
  });

  it('does not take the success of the revision before for that of the present one', () => {
    const deployment = web('NewReplicaSetAvailable');
    deployment.status = { ...deployment.status, updatedReplicas: 0 };
    expect(plan(deployment, sets(deployment, good(1), fresh(2)))).toEqual({ do: 'nothing' });
  });

  it('tells what it did once the Deployment says so, and only once', () => {
    const deployment = web('NewReplicaSetAvailable');
    const cause = 'Rolled back from revision 2 to revision 1. It failed.';
    deployment.metadata.annotations = { ...deployment.metadata.annotations, 'kubernetes.io/change-cause': cause };
    const all = sets(deployment, fresh(1), good(3));
    expect(plan(deployment, all)).toEqual({ do: 'report', sentence: cause });
    deployment.status?.conditions?.push({ type: 'pilothouse.io/RolledBack', status: 'True', message: cause });
    expect(plan(deployment, all)).toEqual({ do: 'nothing' });
  });

  it.each<[string, Deployment, Record<string, string>, Record<string, string>, string]>([
    ['does nothing unless asked to', web('ProgressDeadlineExceeded', {}), good(1), fresh(2), 'nothing'],
    ['does nothing while the rollout goes on', web('ReplicaSetUpdated'), good(1), fresh(2), 'nothing'],
    ['remembers a revision that completed', web('NewReplicaSetAvailable'), good(1), fresh(2), 'markGood'],
    ['never leaves a revision that was good', web('ProgressDeadlineExceeded'), good(1), good(2), 'nothing'],
    ['says so when there is nothing to go back to', web('ProgressDeadlineExceeded'), fresh(1), fresh(2), 'tell'],
    [
      'does not go back to a revision that was itself given up',
      web('ProgressDeadlineExceeded'),
      { ...good(1), 'pilothouse.io/rolled-back-revision': '1' },
      fresh(2),
      'tell',
    ],
  ])('%s', (_title, deployment, before, now, expected) => {
    expect(plan(deployment, sets(deployment, before, now)).do).toBe(expected);
  });

  it('also goes back when the new pods restart too often, also shortly after the rollout', () => {
    const deployment = web('NewReplicaSetAvailable', {
      'pilothouse.io/automatic-rollback': 'true',
      'pilothouse.io/rollback-restart-budget': '3',
    });
    const all = sets(deployment, good(1), fresh(2));
    expect(plan(deployment, all, 0)).toEqual({ do: 'nothing', untilMs: startMs + 60_000 });
    expect(plan(deployment, all, 3)).toMatchObject({
      do: 'rollBack',
      evidence: 'Revision 2 (web-new) broke its error budget: its containers restarted 3 times, 3 allowed.',
    });
    expect(plan(deployment, all, 0, startMs + 61_000).do).toBe('markGood');
  });
});
