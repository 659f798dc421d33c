import { describe, expect, it } from 'vitest';
import type { Node } from '../../../api/kinds/core/index.ts';
import { makeNode, makePod, startMs } from '../testing/fixtures.ts';
import { planPodCidr } from '../node-ipam/plan.ts';
import { planEvictionMs } from './eviction.ts';
import { createNodeHealth } from './health.ts';
import { planSilentConditions, planTaints } from './plan.ts';
import { planZoneRates, upstreamRates, zoneState } from './zones.ts';

const lost = (key: string, effect: 'NoExecute' | 'NoSchedule' = 'NoExecute') => ({
  key,
  effect,
  timeAdded: '2026-01-01T00:00:00Z',
});

describe('a silent node', () => {
  it('is judged by what changes, not by its own clock', () => {
    const health = createNodeHealth();
    const node = makeNode('a');
    expect(health.observe(node, undefined, 1_000)).toBe(1_000);
    expect(health.observe(node, undefined, 9_000)).toBe(1_000);
    const lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: node.metadata,
      spec: { renewTime: '1970-01-01T00:00:00Z' },
    };
    expect(health.observe(node, lease, 9_500)).toBe(9_500);
  });

  it('gets every condition Unknown, once', () => {
    const node = makeNode('a');
    const conditions = planSilentConditions(node, startMs);
    expect(conditions?.map(({ type, status, reason }) => [type, status, reason])).toEqual([
      ['Ready', 'Unknown', 'NodeStatusUnknown'],
      ['MemoryPressure', 'Unknown', 'NodeStatusNeverUpdated'],
      ['DiskPressure', 'Unknown', 'NodeStatusNeverUpdated'],
      ['PIDPressure', 'Unknown', 'NodeStatusNeverUpdated'],
    ]);
    expect(planSilentConditions({ ...node, status: { conditions } }, startMs)).toBeUndefined();
  });
});

describe('taints', () => {
  const describeTaints = (taints: ReturnType<typeof planTaints>) =>
    taints?.map(({ key, effect }) => `${key?.replace('node.kubernetes.io/', '')}:${effect}`);

  it.each<[string, Node, Parameters<typeof planTaints>[1], string[] | undefined]>([
    ['a healthy node needs none', makeNode('a'), 'allowed', undefined],
    [
      'an unreachable node gets both effects',
      makeNode('a', 'Unknown'),
      'allowed',
      ['unreachable:NoSchedule', 'unreachable:NoExecute'],
    ],
    [
      'while evictions are rationed, only new pods stay away',
      makeNode('a', 'Unknown'),
      'rationed',
      ['unreachable:NoSchedule'],
    ],
    [
      'a node that says it is not ready',
      makeNode('a', 'False'),
      'allowed',
      ['not-ready:NoSchedule', 'not-ready:NoExecute'],
    ],
    [
      'a node that came back loses them and keeps those of others',
      makeNode('a', 'True', {
        taints: [
          lost('node.kubernetes.io/unreachable'),
          lost('node.kubernetes.io/unreachable', 'NoSchedule'),
          lost('mine'),
        ],
      }),
      'rationed',
      ['mine:NoExecute'],
    ],
    [
      'a lost node that now speaks stays evicting',
      makeNode('a', 'False', { taints: [lost('node.kubernetes.io/unreachable')] }),
      'rationed',
      ['not-ready:NoSchedule', 'not-ready:NoExecute'],
    ],
    [
      'when every zone is down, evictions under way are called off',
      makeNode('a', 'Unknown', { taints: [lost('node.kubernetes.io/unreachable'), lost('mine')] }),
      'called-off',
      ['mine:NoExecute', 'unreachable:NoSchedule'],
    ],
    ['a cordoned node', makeNode('a', 'True', { unschedulable: true }), 'allowed', ['unschedulable:NoSchedule']],
  ])('%s', (_title, node, eviction, expected) => {
    expect(describeTaints(planTaints(node, eviction, startMs))).toEqual(expected);
  });
});

describe('eviction', () => {
  const unreachable = makeNode('a', 'Unknown', { taints: [lost('node.kubernetes.io/unreachable')] });
  const tolerating = (tolerationSeconds?: number, key = 'node.kubernetes.io/unreachable') =>
    makePod('p', { spec: { tolerations: [{ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds }] } });

  it.each([
    ["a pod without a toleration leaves after the cluster's timeout", makePod('p'), unreachable, 300_000],
    ['one that tolerates for a time leaves then', tolerating(30), unreachable, 30_000],
    ['one that tolerates for good stays', tolerating(), unreachable, undefined],
    ['a foreign taint evicts at once', makePod('p'), makeNode('a', 'True', { taints: [lost('maintenance')] }), 0],
    [
      'NoSchedule evicts nobody',
      makePod('p'),
      makeNode('a', 'True', { taints: [lost('maintenance', 'NoSchedule')] }),
      undefined,
    ],
    [
      'the shortest of several taints counts',
      tolerating(30, ''),
      makeNode('a', 'True', { taints: [lost('x'), lost('y')] }),
      30_000,
    ],
  ])('%s', (_title, pod, node, expected) => {
    const leaveMs = planEvictionMs(pod, node, 300_000);
    expect(leaveMs === undefined ? undefined : leaveMs - startMs).toBe(expected);
  });
});

describe('zones', () => {
  it('are partly down from 55 % and three nodes, fully down without a ready one', () => {
    expect([
      zoneState(2, 1, upstreamRates),
      zoneState(2, 3, upstreamRates),
      zoneState(0, 1, upstreamRates),
      zoneState(1, 2, upstreamRates),
    ]).toEqual(['Normal', 'PartialDisruption', 'FullDisruption', 'Normal']);
  });

  it('stop evicting when every zone is down, and in small zones that are partly down', () => {
    const rates = (zones: [string, number, number][]) => [
      ...planZoneRates(
        new Map(zones.map(([zone, ready, down]) => [zone, { ready, lost: down }])),
        upstreamRates,
      ).perSecond.values(),
    ];
    expect(
      rates([
        ['a', 0, 3],
        ['b', 0, 2],
      ]),
    ).toEqual([0, 0]);
    expect(
      rates([
        ['a', 0, 3],
        ['b', 2, 0],
      ]),
    ).toEqual([0.1, 0.1]);
    expect(
      rates([
        ['a', 2, 4],
        ['b', 40, 60],
      ]),
    ).toEqual([0, 0.01]);
  });
});

describe('pod ranges', () => {
  it.each([
    ['the lowest free piece', '10.244.0.0/16', 24, ['10.244.0.0/24', '10.244.2.0/24'], '10.244.1.0/24'],
    ['a larger range that covers several pieces', '10.244.0.0/16', 24, ['10.244.0.0/22'], '10.244.4.0/24'],
    ['ranges from elsewhere do not matter', '10.244.0.0/16', 24, ['192.168.0.0/24'], '10.244.0.0/24'],
    ['nothing when all are taken', '10.244.0.0/23', 24, ['10.244.0.0/24', '10.244.1.0/24'], undefined],
  ])('%s', (_title, cluster, bits, taken, expected) => {
    expect(planPodCidr(cluster, bits, taken)).toBe(expected);
  });
});
