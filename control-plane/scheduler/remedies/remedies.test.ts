import { describe, expect, it } from 'vitest';
import { explainPlacement } from '../explain.ts';
import { filtersByPlugin, permanentFilters } from '../filters/index.ts';
import { infoOf, nodeNamed, snapshotOf } from '../fixtures.ts';
import { defaultProfile, defaultProfiles } from '../profile.ts';
import { formatSentence } from '../sentences.ts';
import { simulate } from '../simulate.ts';
import { remedyCases } from './cases.data.ts';
import { build, web } from './fixtures.ts';
import { applyChange } from './change.ts';
import { planRemedies } from './plan-remedies.ts';

describe('what a filter says, and what is suggested', () => {
  it.each(remedyCases)('$title: in both languages', (one) => {
    const { nodes, remedies } = explainPlacement(build(one), infoOf('p', one.pod), defaultProfile);
    const refused = nodes.find(({ node }) => node === 'a')?.refusals ?? [];
    const [said] = refused.flatMap(({ sentences }) => sentences);
    const [remedy] = remedies;
    if (!said || !remedy) throw new Error(`nothing said of ${JSON.stringify(nodes)}`);
    expect(refused[0]?.filter).toBe(one.title.split(',')[0]);
    expect([formatSentence(said, 'en'), formatSentence(said, 'zh-CN')]).toEqual(one.says);
    expect([formatSentence(remedy.sentence, 'en'), formatSentence(remedy.sentence, 'zh-CN')]).toEqual(one.suggests);
  });

  it.each(remedyCases)('$title: every suggestion lets the pod fit when it is rehearsed', (one) => {
    const snapshot = build(one);
    const info = infoOf('p', one.pod);
    const context = { profiles: defaultProfiles, budgets: [], pending: [info] };
    expect(simulate(snapshot, [], context).placed).toEqual([]);
    const remedies = planRemedies(snapshot, info, defaultProfile);
    expect(remedies.length).toBeGreaterThan(0);
    for (const { change, node } of remedies) {
      const { placed } = simulate(snapshot, [{ type: 'remedy-applied', pod: info.key, change }], context);
      expect(placed).toEqual([{ pod: info.key, to: node }]);
    }
    expect(simulate(snapshot, [], context).placed).toEqual([]);
  });

  // A pod that names its node does not come to the scheduler: it is asked of the filter itself, and rehearsed by hand.
  it('NodeName', () => {
    const snapshot = snapshotOf([nodeNamed('a'), nodeNamed('b', { cpu: '0' })]);
    const info = infoOf('p', { cpu: '1', nodeName: 'b' });
    const node = snapshot.node('a');
    const prepared = filtersByPlugin.NodeName?.prepare(info, snapshot);
    if (!node || !prepared) throw new Error('nothing to ask');
    expect(prepared.check(node)?.filter).toBe('NodeName');
    expect(prepared.explain(node).map((sentence) => formatSentence(sentence, 'en'))).toEqual([
      'the pod asks for node b, this is a',
    ]);
    expect(prepared.explain(node).map((sentence) => formatSentence(sentence, 'zh-CN'))).toEqual([
      'Pod 指定了节点 b，而这是 a',
    ]);
    const remedy = planRemedies(snapshot, info, defaultProfile).find((one) => one.node === 'a');
    if (!remedy) throw new Error('no remedy');
    expect(formatSentence(remedy.sentence, 'en')).toBe('let the pod go to other nodes than b');
    expect(formatSentence(remedy.sentence, 'zh-CN')).toBe('允许 Pod 使用 b 以外的节点');
    const { pod } = applyChange(snapshot, info, remedy.change);
    const context = { profiles: defaultProfiles, budgets: [], pending: [pod] };
    expect(simulate(snapshot, [], context).placed).toEqual([{ pod: 'default/p', to: 'a' }]);
  });

  it('is tested for every filter there is', () => {
    const tested = new Set(remedyCases.map(({ title }) => title.split(',')[0]));
    const all = [...permanentFilters.map(({ name }) => name), ...Object.keys(filtersByPlugin), 'VolumeRestrictions'];
    expect(all.filter((name) => name !== 'NodeName' && !tested.has(name))).toEqual([]);
  });
});

it('a rehearsed remedy also says what becomes of the pods that make room', () => {
  const snapshot = snapshotOf(
    [nodeNamed('a'), nodeNamed('b', { labels: { other: 'yes' } })],
    [web('w1', 'a', { cpu: '3' })],
  );
  const info = infoOf('p', { cpu: '2', spec: { nodeSelector: { 'kubernetes.io/hostname': 'a' } } });
  const context = { profiles: defaultProfiles, budgets: [], pending: [info] };
  const remedy = planRemedies(snapshot, info, defaultProfile).find(({ kind }) => kind === 'free-resources');
  if (!remedy) throw new Error('no remedy');
  const result = simulate(snapshot, [{ type: 'remedy-applied', pod: info.key, change: remedy.change }], context);
  expect(result.moved).toEqual([{ pod: 'default/w1', from: 'a', to: 'b' }]);
});

it('asks nothing of a pod that no single change helps', () => {
  const snapshot = snapshotOf([
    nodeNamed('a', { cpu: '1', unschedulable: true, taints: [{ key: 'x', effect: 'NoSchedule' }] }),
  ]);
  expect(planRemedies(snapshot, infoOf('p', { cpu: '8' }), defaultProfile)).toEqual([]);
});
