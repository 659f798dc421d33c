import { describe, expect, it } from 'vitest';
import { makeDeployment, makePod, makeSet, startMs } from '../testing/fixtures.ts';
import type { PodOptions } from '../testing/fixtures.ts';
import { planReplicaStatus, planReplicas } from './plan.ts';

const nowMs = startMs + 3_600_000;
const deployment = makeDeployment('web');

function firstToGo(pods: Record<string, PodOptions>, related: Record<string, PodOptions> = {}): string | undefined {
  const mine = Object.entries(pods).map(([name, options]) => makePod(name, options));
  const others = Object.entries(related).map(([name, options]) => makePod(name, options));
  const set = makeSet(deployment, 'a', mine.length - 1);
  return planReplicas(set, mine, [...mine, ...others], nowMs).delete[0]?.metadata.name;
}

describe('a ReplicaSet', () => {
  it('makes what is missing; finished and leaving pods do not count', () => {
    const set = makeSet(deployment, 'a', 3);
    const pods = [makePod('a'), makePod('b', { phase: 'Failed' }), makePod('c', { deleting: true })];
    expect(planReplicas(set, pods, pods, nowMs)).toEqual({ create: 2, delete: [] });
  });

  it('does nothing while it is being deleted', () => {
    const set = makeSet(deployment, 'a', 3);
    set.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
    expect(planReplicas(set, [], [], nowMs)).toEqual({ create: 0, delete: [] });
  });

  it.each<[string, Record<string, PodOptions>, Record<string, PodOptions>]>([
    ['without a node before one with', { keep: { nodeName: 'n', phase: 'Pending' }, go: { phase: 'Pending' } }, {}],
    ['pending before running', { keep: { nodeName: 'n' }, go: { nodeName: 'n', phase: 'Pending' } }, {}],
    ['not ready before ready', { keep: { nodeName: 'n' }, go: { nodeName: 'n', ready: false } }, {}],
    [
      'of lower deletion cost',
      {
        keep: { nodeName: 'n' },
        go: { nodeName: 'n', annotations: { 'controller.kubernetes.io/pod-deletion-cost': '-5' } },
      },
      {},
    ],
    ['on the more crowded node', { keep: { nodeName: 'n' }, go: { nodeName: 'm' } }, { other: { nodeName: 'm' } }],
    ['ready for a shorter time', { keep: { nodeName: 'n' }, go: { nodeName: 'n', readySinceMs: nowMs - 5_000 } }, {}],
    ['with more restarts', { keep: { nodeName: 'n' }, go: { nodeName: 'n', restarts: 3 } }, {}],
    ['made later', { keep: { nodeName: 'n' }, go: { nodeName: 'n', createdMs: nowMs - 5_000 } }, {}],
  ])('deletes first the pod %s', (_title, pods, related) => {
    expect(firstToGo(pods, related)).toBe('go');
  });

  it('counts what is ready and available, and asks to be woken when the next pod becomes available', () => {
    const set = makeSet(deployment, 'a', 3);
    set.spec.minReadySeconds = 10;
    const labels = set.spec.template?.metadata?.labels;
    const pods = [
      makePod('a', { labels }),
      makePod('b', { labels, readySinceMs: nowMs - 4_000 }),
      makePod('c', { ready: false }),
      makePod('d', { labels, deleting: true }),
    ];
    const { status, requeueAfterMs } = planReplicaStatus(set, pods, undefined, nowMs);
    expect(status).toEqual({
      replicas: 3,
      fullyLabeledReplicas: 2,
      readyReplicas: 2,
      availableReplicas: 1,
      terminatingReplicas: 1,
      observedGeneration: 1,
    });
    expect(requeueAfterMs).toBe(6_050);
  });
});
