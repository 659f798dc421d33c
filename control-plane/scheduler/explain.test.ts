import { describe, expect, it } from 'vitest';
import { explainPlacement } from './explain.ts';
import { infoOf, nodeNamed, podNamed, snapshotOf } from './fixtures.ts';
import type { NodeFacts, PodFacts } from './fixtures.ts';
import { defaultProfile, defaultProfiles } from './profile.ts';
import { formatSentence } from './sentences.ts';
import { simulate } from './simulate.ts';
import type { Pod } from '../../api/kinds/core/index.ts';
import type { PodDisruptionBudget } from '../../api/kinds/policy/index.ts';

function explain(nodes: Record<string, NodeFacts>, pod: PodFacts, others: readonly Pod[] = []) {
  const snapshot = snapshotOf(
    Object.entries(nodes).map(([name, facts]) => nodeNamed(name, facts)),
    others,
  );
  const explanation = explainPlacement(snapshot, infoOf('p', pod), defaultProfile);
  const remedies = explanation.remedies.map(({ sentence }) => formatSentence(sentence, 'en'));
  return {
    ...explanation,
    remedies,
    zh: explanation.remedies.map(({ sentence }) => formatSentence(sentence, 'zh-CN')),
  };
}

describe('explainPlacement', () => {
  it('names the best node first, with each part of its score', () => {
    const { nodes } = explain({ busy: {}, idle: {} }, { cpu: '1' }, [
      podNamed('other', { cpu: '2', nodeName: 'busy' }),
    ]);
    expect(nodes.map(({ node, fits }) => [node, fits])).toEqual([
      ['idle', true],
      ['busy', true],
    ]);
    expect(nodes[0]?.parts).toMatchObject({ LeastAllocated: expect.any(Number) as number });
    expect(nodes[0]?.total).toBe(Object.values(nodes[0]?.parts ?? {}).reduce((sum, part) => sum + part, 0));
  });

  it('counts the reasons, and says every one that keeps the pod from a node', () => {
    const { counts, nodes } = explain({ a: { cpu: '1' }, b: { cpu: '1', unschedulable: true } }, { cpu: '2' });
    expect(counts).toEqual([
      { filter: 'NodeResourcesFit', reason: 'Insufficient cpu', nodes: 2 },
      { filter: 'NodeUnschedulable', reason: 'node(s) were unschedulable', nodes: 1 },
    ]);
    expect(nodes.find(({ node }) => node === 'b')?.refusals).toHaveLength(2);
  });

  it('lifts a bound pod to explain it, and leaves the snapshot as it was', () => {
    const bound = podNamed('p', { cpu: '3', nodeName: 'a' });
    const snapshot = snapshotOf([nodeNamed('a')], [bound]);
    const explanation = explainPlacement(snapshot, infoOf('p', { cpu: '3', nodeName: 'a' }), defaultProfile);
    expect(explanation).toMatchObject({ node: 'a', nodes: [{ node: 'a', fits: true }] });
    expect(snapshot.nodeOf('default/p')?.name).toBe('a');
  });

  it.each<[string, Record<string, NodeFacts>, PodFacts, readonly Pod[], string]>([
    ['free', { a: {} }, { cpu: '3' }, [podNamed('o', { cpu: '1300m', nodeName: 'a' })], 'free 300m cpu on a'],
    [
      'taint',
      { a: { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] } },
      {},
      [],
      'remove the taint k=v:NoSchedule from a, or let the pod tolerate it',
    ],
    ['cordon', { a: { unschedulable: true } }, {}, [], 'uncordon a'],
    ['label', { a: {} }, { spec: { nodeSelector: { disk: 'ssd' } } }, [], 'label a with disk=ssd'],
    ['lower', { a: { cpu: '2' } }, { cpu: '3' }, [], 'lower the request to 2 cpu, which a has free'],
  ])('suggests the cheapest change: %s', (_, nodes, pod, others, expected) => {
    expect(explain(nodes, pod, others).remedies[0]).toBe(expected);
  });

  it('suggests nothing that alone would not help', () => {
    expect(explain({ a: { unschedulable: true, cpu: '1' } }, { cpu: '8' }).remedies).toEqual([]);
  });
});

describe('simulate', () => {
  const owned = (name: string, nodeName: string, cpu = '1'): Pod =>
    podNamed(name, { cpu, nodeName, controllerUid: 'rs', labels: { app: 'web' } });
  const context = { profiles: defaultProfiles, budgets: [], pending: [] };

  it('moves the pods of a lost node, and says why some stay pending', () => {
    const snapshot = snapshotOf(
      [nodeNamed('a'), nodeNamed('b', { cpu: '2' })],
      [owned('p1', 'a'), owned('p2', 'a'), owned('p3', 'a'), podNamed('bare', { nodeName: 'a' })],
    );
    const result = simulate(snapshot, [{ type: 'node-lost', node: 'a' }], context);
    expect(result.moved).toHaveLength(2);
    expect(result.pending).toEqual([
      { pod: 'default/p3', from: 'a', reason: '0/1 nodes are available: 1 Insufficient cpu.' },
    ]);
    expect(result.removed).toEqual(['default/bare']);
    expect(snapshot.node('a')?.pods.size).toBe(4);
  });

  it('brings a lost pod back where it fits, and names one that nobody makes anew', () => {
    const snapshot = snapshotOf([nodeNamed('a')], [owned('p1', 'a'), podNamed('bare', { nodeName: 'a' })]);
    const lost = (pod: string): ReturnType<typeof simulate> => simulate(snapshot, [{ type: 'pod-lost', pod }], context);
    expect(lost('default/p1')).toMatchObject({ moved: [{ pod: 'default/p1', from: 'a', to: 'a' }], removed: [] });
    expect(lost('default/bare')).toMatchObject({ moved: [], pending: [], removed: ['default/bare'] });
    expect(snapshot.node('a')?.pods.size).toBe(2);
  });

  it('names the budgets that a drain would break', () => {
    const budget = {
      metadata: { name: 'web', namespace: 'default' },
      spec: { selector: { matchLabels: { app: 'web' } } },
      status: { disruptionsAllowed: 1 },
    } as unknown as PodDisruptionBudget;
    const snapshot = snapshotOf([nodeNamed('a'), nodeNamed('b')], [owned('p1', 'a'), owned('p2', 'a')]);
    const result = simulate(snapshot, [{ type: 'node-drained', node: 'a' }], { ...context, budgets: [budget] });
    expect(result.budgetsBroken).toEqual([{ budget: 'default/web', pods: ['default/p2'] }]);
  });

  it('places what waits once a node is added', () => {
    const pending = [infoOf('waiting', { cpu: '4' })];
    const result = simulate(snapshotOf([]), [{ type: 'node-added', node: nodeNamed('new') }], { ...context, pending });
    expect(result.placed).toEqual([{ pod: 'default/waiting', to: 'new' }]);
  });
});
