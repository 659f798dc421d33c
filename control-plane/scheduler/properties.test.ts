// What must hold of every placement, over random clusters: judged from the raw objects alone, not by the filters.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Node, Pod } from '../../api/kinds/core/index.ts';
import { infoOf, nodeNamed, podNamed, snapshotOf } from './fixtures.ts';
import type { NodeFacts, PodFacts } from './fixtures.ts';
import { planPreemption } from './preemption/plan-preemption.ts';
import { binPackProfile, defaultProfile } from './profile.ts';
import { firstRefusal, prepareFilters, schedule } from './schedule.ts';
import { createPodInfo } from './snapshot/pod-info.ts';

const app = fc.constantFrom('a', 'b', 'c');
const zones = ['z0', 'z1', 'z2'];
const host = 'kubernetes.io/hostname';
const away = (name: string, topologyKey: string) => ({
  podAntiAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey, labelSelector: { matchLabels: { app: name } } }],
  },
});
const spread = (name: string, maxSkew: number, topologyKey: string) => [
  { topologyKey, maxSkew, whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: name } } },
];
const plainSpec = { containers: [{ name: 'main', image: 'x' }] };
const podFacts: fc.Arbitrary<PodFacts> = fc.oneof(
  fc.record({
    cpu: fc.constantFrom('100m', '700m', '1', '2500m'),
    memory: fc.constantFrom('128Mi', '3Gi'),
    labels: fc.record({ app }),
  }),
  fc.record({
    labels: fc.record({ app }),
    spec: fc.record({ nodeSelector: fc.record({ zone: fc.constantFrom(...zones) }) }),
  }),
  fc.record({
    cpu: fc.constant('500m'),
    labels: fc.record({ app }),
    spec: fc.constant({ tolerations: [{ key: 'k', operator: 'Exists' }] }),
  }),
  fc.record({
    labels: fc.record({ app }),
    spec: fc.integer({ min: 80, max: 82 }).map((hostPort) => ({
      containers: [{ name: 'main', image: 'x', ports: [{ containerPort: 1, hostPort, protocol: 'TCP' }] }],
    })),
  }),
  fc.tuple(app, app, fc.constantFrom(host, 'zone')).map(([own, other, key]) => ({
    labels: { app: own },
    spec: { ...plainSpec, affinity: away(other, key) },
  })),
  fc.tuple(app, fc.integer({ min: 1, max: 2 }), fc.constantFrom(host, 'zone')).map(([name, skew, key]) => ({
    labels: { app: name },
    spec: { ...plainSpec, topologySpreadConstraints: spread(name, skew, key) },
  })),
);
const nodeFacts: fc.Arbitrary<NodeFacts> = fc.record({
  cpu: fc.constantFrom('2', '4', '8'),
  memory: fc.constantFrom('4Gi', '8Gi'),
  pods: fc.integer({ min: 1, max: 12 }),
  labels: fc.record({ zone: fc.constantFrom(...zones) }),
  taints: fc.constantFrom([], [], [{ key: 'k', effect: 'NoSchedule' }]),
  unschedulable: fc.constantFrom(false, false, false, true),
});
const cluster = fc.tuple(
  fc.array(nodeFacts, { minLength: 1, maxLength: 8 }),
  fc.array(podFacts, { maxLength: 40 }),
  fc.constantFrom(defaultProfile, binPackProfile),
);

type Placed = readonly { readonly pod: Pod; readonly node: Node }[];

const milli = (text: string | undefined): number =>
  text === undefined ? 0 : text.endsWith('m') ? Number(text.slice(0, -1)) : Number(text) * 1000;
const mebi = (text: string | undefined): number =>
  text === undefined ? 0 : Number.parseInt(text, 10) * (text.endsWith('Gi') ? 1024 : 1);
const requestsOf = ({ spec }: Pod): Record<string, string> =>
  (spec.containers[0]?.resources?.requests ?? {}) as Record<string, string>;
const appOf = ({ metadata }: Pod): string | undefined => metadata.labels?.['app'];
const antiOf = ({ spec }: Pod) =>
  (spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => ({
    key: term.topologyKey,
    app: term.labelSelector?.matchLabels?.['app'],
  }));

/** Everything that a cluster must never show. */
function violations(placed: Placed, allNodes: readonly Node[]): string[] {
  const wrong: string[] = [];
  for (const node of allNodes) {
    const here = placed.filter((one) => one.node === node).map(({ pod }) => pod);
    const { cpu, memory, pods } = node.status?.allocatable as Record<string, string>;
    if (here.reduce((sum, pod) => sum + milli(requestsOf(pod).cpu), 0) > milli(cpu)) wrong.push('cpu');
    if (here.reduce((sum, pod) => sum + mebi(requestsOf(pod).memory), 0) > mebi(memory)) wrong.push('memory');
    if (here.length > Number(pods)) wrong.push('pods');
    const ports = here.flatMap(({ spec }) =>
      spec.containers.flatMap((one) => (one.ports ?? []).map((p) => p.hostPort)),
    );
    if (new Set(ports).size < ports.length) wrong.push('ports');
    if (node.spec.unschedulable && here.length > 0) wrong.push('cordon');
    for (const pod of here) {
      const isTolerant = (pod.spec.tolerations ?? []).some(({ key }) => key === 'k');
      if ((node.spec.taints ?? []).length > 0 && !isTolerant) wrong.push('taint');
      for (const [key, value] of Object.entries(pod.spec.nodeSelector ?? {}))
        if (node.metadata.labels?.[key] !== value) wrong.push('selector');
    }
  }
  for (const { pod, node } of placed) {
    for (const { key, app: avoided } of antiOf(pod)) {
      const domain = node.metadata.labels?.[key];
      const clash = placed.some(
        (other) => other.pod !== pod && appOf(other.pod) === avoided && other.node.metadata.labels?.[key] === domain,
      );
      if (clash) wrong.push(`anti-affinity ${key}`);
    }
  }
  return wrong;
}

/** Pods of an app in each domain that the pod could use at all. */
function skewAfter(pod: Pod, placed: Placed, allNodes: readonly Node[]): { skew: number; maxSkew: number }[] {
  return (pod.spec.topologySpreadConstraints ?? []).map(({ topologyKey, maxSkew }) => {
    const counts = new Map(allNodes.map(({ metadata }) => [metadata.labels?.[topologyKey] ?? '', 0]));
    for (const one of placed) {
      const domain = one.node.metadata.labels?.[topologyKey] ?? '';
      if (appOf(one.pod) === appOf(pod)) counts.set(domain, (counts.get(domain) ?? 0) + 1);
    }
    const own = placed.find((one) => one.pod === pod)?.node.metadata.labels?.[topologyKey] ?? '';
    return { skew: (counts.get(own) ?? 0) - Math.min(...counts.values()), maxSkew };
  });
}

describe('over random clusters', () => {
  it('no placement breaks a rule, spread constraints hold, and no fitting pod is left pending', () => {
    fc.assert(
      fc.property(cluster, ([nodeList, podList, profile]) => {
        const allNodes = nodeList.map((facts, i) => nodeNamed(`n${i}`, facts));
        const snapshot = snapshotOf(allNodes);
        const placed: { pod: Pod; node: Node }[] = [];
        let waiting = podList.map((facts, i) => podNamed(`p${i}`, facts));
        const tryAll = (): number => {
          const before = waiting.length;
          waiting = waiting.filter((pod) => {
            const decision = schedule(snapshot, createPodInfo(pod), profile);
            if (!decision.placed) return true;
            const node = allNodes.find(({ metadata }) => metadata.name === decision.node.name);
            if (!node) throw new Error('an unknown node');
            snapshot.setPod(createPodInfo(pod), decision.node.name);
            placed.push({ pod, node });
            for (const { skew, maxSkew } of skewAfter(pod, placed, allNodes)) expect(skew).toBeLessThanOrEqual(maxSkew);
            return false;
          });
          return before - waiting.length;
        };
        while (tryAll() > 0);
        expect(violations(placed, allNodes)).toEqual([]);
        for (const pod of waiting) {
          const filters = prepareFilters(snapshot, createPodInfo(pod), profile);
          expect(snapshot.nodes.every((node) => firstRefusal(filters, node) !== undefined)).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('dense packing uses no more nodes than are needed for pods that are all alike', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 40 }), (nodeCount, podCount) => {
        const snapshot = snapshotOf(Array.from({ length: nodeCount }, (_, i) => nodeNamed(`n${i}`)));
        let pending = 0;
        for (let i = 0; i < podCount; i++) {
          const info = infoOf(`p${i}`, { cpu: '1', memory: '1Gi', controllerUid: 'rs' });
          const decision = schedule(snapshot, info, binPackProfile);
          if (decision.placed) snapshot.setPod(info, decision.node.name);
          else pending++;
        }
        expect(pending).toBe(Math.max(0, podCount - 4 * nodeCount));
        const used = snapshot.nodes.filter(({ pods }) => pods.size > 0).length;
        expect(used).toBe(Math.ceil((podCount - pending) / 4));
      }),
    );
  });

  it('preemption makes room, harms nobody as important, and could spare none of its victims', () => {
    const victim = fc.record({ cpu: fc.constantFrom('500m', '1', '2'), priority: fc.integer({ min: 0, max: 9 }) });
    fc.assert(
      fc.property(
        fc.array(fc.array(victim, { maxLength: 8 }), { minLength: 1, maxLength: 4 }),
        fc.constantFrom('1', '2', '4'),
        (perNode, cpu) => {
          const snapshot = snapshotOf(perNode.map((_, i) => nodeNamed(`n${i}`)));
          perNode.forEach((victims, n) => {
            victims.forEach((facts, i) => {
              const info = infoOf(`v${n}-${i}`, facts);
              const node = snapshot.node(`n${n}`);
              if (node && node.requested.milliCpu + info.requests.milliCpu <= 4000) snapshot.setPod(info, `n${n}`);
            });
          });
          const pod = infoOf('vip', { cpu, priority: 5 });
          const decision = schedule(snapshot, pod, defaultProfile);
          if (decision.placed) return;
          const { refusals } = decision;
          const plan = planPreemption({ snapshot, pod, profile: defaultProfile, refusals, budgets: [] });
          const couldHelp = snapshot.nodes.some((node) => {
            const spared = [...node.pods.values()].filter(({ priority }) => priority >= 5);
            return spared.reduce((sum, { requests }) => sum + requests.milliCpu, pod.requests.milliCpu) <= 4000;
          });
          expect(plan !== undefined).toBe(couldHelp);
          if (!plan) return;
          const fits = (): boolean =>
            firstRefusal(prepareFilters(snapshot, pod, defaultProfile), plan.node) === undefined;
          expect(plan.victims.length).toBeGreaterThan(0);
          for (const { priority, key } of plan.victims) {
            expect(priority).toBeLessThan(5);
            expect(snapshot.nodeOf(key)).toBe(plan.node);
          }
          for (const { key } of plan.victims) snapshot.removePod(key);
          expect(fits()).toBe(true);
          for (const one of plan.victims) {
            snapshot.setPod(one, plan.node.name);
            expect(fits()).toBe(false);
            snapshot.removePod(one.key);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
