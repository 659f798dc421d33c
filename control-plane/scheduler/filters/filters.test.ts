import { describe, expect, it } from 'vitest';
import { infoOf, nodeNamed, podNamed, snapshotOf } from '../fixtures.ts';
import type { NodeFacts, PodFacts } from '../fixtures.ts';
import { defaultProfile } from '../profile.ts';
import { firstRefusal, prepareFilters } from '../schedule.ts';
import { formatSentence } from '../sentences.ts';
import type { Pod } from '../../../api/kinds/core/index.ts';

/** The reasons, upstream's and ours in both languages, for which a node refuses a pod. */
function refusalOf(node: NodeFacts, pod: PodFacts, others: readonly Pod[] = [], more: readonly NodeFacts[] = []) {
  const nodes = [nodeNamed('n1', node), ...more.map((facts, i) => nodeNamed(`n${i + 2}`, facts))];
  const snapshot = snapshotOf(nodes, others);
  const filters = prepareFilters(snapshot, infoOf('p', pod), defaultProfile);
  const target = snapshot.node('n1');
  if (!target) throw new Error('no node');
  const refusal = firstRefusal(filters, target);
  const sentences = filters.flatMap((filter) => filter.explain(target));
  expect(sentences.length > 0).toBe(refusal !== undefined);
  return {
    reasons: refusal?.reasons ?? [],
    en: sentences.map((sentence) => formatSentence(sentence, 'en')),
    zh: sentences.map((sentence) => formatSentence(sentence, 'zh-CN')),
  };
}

const zone = (name: string): NodeFacts => ({ labels: { zone: name } });
const near = (topologyKey: string, labels: object, required = 'podAffinity'): PodFacts['spec'] => ({
  affinity: {
    [required]: {
      requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey, labelSelector: { matchLabels: labels } }],
    },
  },
});
const spreadOver = (topologyKey: string, maxSkew: number, more: object = {}): PodFacts => ({
  labels: { app: 'web' },
  spec: {
    topologySpreadConstraints: [
      {
        topologyKey,
        maxSkew,
        whenUnsatisfiable: 'DoNotSchedule',
        labelSelector: { matchLabels: { app: 'web' } },
        ...more,
      },
    ],
  },
});
const web = (name: string, nodeName: string): Pod => podNamed(name, { labels: { app: 'web' }, nodeName });

describe('a node refuses', () => {
  it('a pod that asks for more than is free, with the numbers', () => {
    const { reasons, en, zh } = refusalOf({ cpu: '2', memory: '1Gi' }, { cpu: '1500m', memory: '2Gi' }, [
      podNamed('other', { cpu: '1', nodeName: 'n1' }),
    ]);
    expect(reasons).toEqual(['Insufficient cpu', 'Insufficient memory']);
    expect(en).toEqual([
      'n1 has 1 cpu free of 2, the pod asks for 1500m',
      'n1 has 1Gi memory free of 1Gi, the pod asks for 2Gi',
    ]);
    expect(zh[0]).toBe('n1 的 cpu 剩余 1（共 2），Pod 需要 1500m');
  });

  it('one pod too many', () => {
    const { reasons, en } = refusalOf({ pods: 1 }, {}, [podNamed('other', { nodeName: 'n1' })]);
    expect(reasons).toEqual(['Too many pods']);
    expect(en).toEqual(['n1 runs 1 pods, its limit is 1']);
  });

  it('extended resources that it does not have', () => {
    const spec = { containers: [{ name: 'c', resources: { requests: { 'nvidia.com/gpu': '1' } } }] };
    expect(refusalOf({}, { spec }).reasons).toEqual(['Insufficient nvidia.com/gpu']);
    expect(refusalOf({ extended: { 'nvidia.com/gpu': '1' } }, { spec }).reasons).toEqual([]);
  });

  it('a pod that does not tolerate its taint', () => {
    const node = { taints: [{ key: 'team', value: 'a', effect: 'NoSchedule' }] };
    const { reasons, en, zh } = refusalOf(node, {});
    expect(reasons).toEqual(['node(s) had untolerated taint(s)']);
    expect(en).toEqual(['n1 has the taint team=a:NoSchedule, which the pod does not tolerate']);
    expect(zh).toEqual(['n1 带有污点 team=a:NoSchedule，Pod 没有容忍它']);
    const tolerating = (toleration: object): PodFacts => ({ spec: { tolerations: [toleration] } });
    expect(refusalOf(node, tolerating({ key: 'team', operator: 'Equal', value: 'a' })).reasons).toEqual([]);
    expect(refusalOf(node, tolerating({ operator: 'Exists' })).reasons).toEqual([]);
    expect(refusalOf(node, tolerating({ key: 'team', operator: 'Equal', value: 'b' })).reasons).toHaveLength(1);
    expect(refusalOf({ taints: [{ key: 'x', effect: 'PreferNoSchedule' }] }, {}).reasons).toEqual([]);
  });

  it('everything while it is cordoned', () => {
    expect(refusalOf({ unschedulable: true }, {})).toMatchObject({
      reasons: ['node(s) were unschedulable'],
      en: ['n1 is cordoned: it takes no new pods'],
    });
  });

  it('pods that select other labels', () => {
    expect(refusalOf({}, { spec: { nodeSelector: { disk: 'ssd' } } })).toMatchObject({
      reasons: ["node(s) didn't match Pod's node affinity/selector"],
      en: ['n1 lacks the label disk=ssd that the pod selects'],
    });
    const terms = (...matchExpressions: object[]): PodFacts => ({
      spec: {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] },
          },
        },
      },
    });
    const cores = { labels: { cores: '8' } };
    expect(refusalOf(cores, terms({ key: 'cores', operator: 'Gt', values: ['4'] })).reasons).toEqual([]);
    expect(refusalOf(cores, terms({ key: 'cores', operator: 'Lt', values: ['4'] })).reasons).toHaveLength(1);
    expect(refusalOf(cores, terms()).reasons).toHaveLength(1);
  });

  it('a host port that is taken', () => {
    const ports = (hostIP?: string): PodFacts['spec'] => ({
      containers: [{ name: 'c', ports: [{ containerPort: 1, hostPort: 80, hostIP }] }],
    });
    const other = (hostIP?: string): Pod => podNamed('other', { nodeName: 'n1', spec: ports(hostIP) });
    expect(refusalOf({}, { spec: ports() }, [other('10.0.0.1')]).en).toEqual(['port 80/TCP of n1 is taken']);
    expect(refusalOf({}, { spec: ports('10.0.0.1') }, [other('10.0.0.2')]).reasons).toEqual([]);
    expect(refusalOf({}, { spec: ports('10.0.0.1') }, [other()]).reasons).toHaveLength(1);
  });

  it('a pod whose company is elsewhere, but not the first of a group', () => {
    const pod = { spec: near('zone', { app: 'web' }), labels: { app: 'web' } };
    expect(refusalOf(zone('a'), pod, [web('w', 'n2')], [zone('b')])).toMatchObject({
      reasons: ["node(s) didn't match pod affinity rules"],
      en: ['no pod that the pod wants to be near runs in zone=a'],
    });
    expect(refusalOf(zone('a'), pod, [web('w', 'n2')], [zone('a')]).reasons).toEqual([]);
    expect(refusalOf(zone('a'), pod).reasons).toEqual([]);
    expect(refusalOf({}, pod).en).toEqual(['n1 lacks the topology label zone of the pod affinity']);
    expect(refusalOf(zone('a'), { spec: near('zone', { app: 'web' }) }).reasons).toHaveLength(1);
  });

  it('a pod that must stay apart, from either side', () => {
    const apart = { spec: near('zone', { app: 'web' }, 'podAntiAffinity') };
    expect(refusalOf(zone('a'), apart, [web('w', 'n2')], [zone('a')])).toMatchObject({
      reasons: ["node(s) didn't match pod anti-affinity rules"],
      en: ['1 pods that the pod must stay apart from run in zone=a'],
    });
    expect(refusalOf(zone('a'), apart, [web('w', 'n2')], [zone('b')]).reasons).toEqual([]);
    const guarded = podNamed('guard', { ...apart, nodeName: 'n2' });
    expect(refusalOf(zone('a'), { labels: { app: 'web' } }, [guarded], [zone('a')])).toMatchObject({
      reasons: ["node(s) didn't satisfy existing pods anti-affinity rules"],
    });
    const elsewhere = { ...apart, namespace: 'other' };
    expect(refusalOf(zone('a'), elsewhere, [web('w', 'n1')]).reasons).toEqual([]);
  });

  it('a pod that would unbalance the spread', () => {
    const others = [web('w1', 'n1'), web('w2', 'n1')];
    expect(refusalOf(zone('a'), spreadOver('zone', 1), others, [zone('b')])).toMatchObject({
      reasons: ["node(s) didn't match pod topology spread constraints"],
      en: ['zone=a would hold 3 matching pods, the fewest is 0, the allowed difference 1'],
    });
    expect(refusalOf(zone('a'), spreadOver('zone', 3), others, [zone('b')]).reasons).toEqual([]);
    expect(refusalOf(zone('a'), spreadOver('zone', 1), others).reasons).toEqual([]);
    expect(refusalOf(zone('a'), spreadOver('zone', 1, { minDomains: 2 }), others).reasons).toHaveLength(1);
    expect(refusalOf({}, spreadOver('zone', 1)).reasons).toEqual([
      "node(s) didn't match pod topology spread constraints (missing required label)",
    ]);
  });
});
