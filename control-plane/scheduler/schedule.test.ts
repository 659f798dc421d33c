import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { infoOf, nodeNamed, snapshotOf } from './fixtures.ts';
import type { PodFacts } from './fixtures.ts';
import { failureMessage, preemptionMessage } from './failure-message.ts';
import { binPackProfile, defaultProfile } from './profile.ts';
import type { Profile } from './profile.ts';
import { enoughNodes, firstRefusal, prepareFilters, schedule, searchOf } from './schedule.ts';
import { createPodInfo } from './snapshot/pod-info.ts';
import type { Snapshot } from './snapshot/snapshot.ts';

/** Places pods one after another, assuming each placement; the node names, '' for those that fit nowhere. */
function placeAll(snapshot: Snapshot, pods: readonly PodFacts[], profile: Profile = defaultProfile): string[] {
  return pods.map((facts, i) => {
    const info = infoOf(`p${i}`, facts);
    const decision = schedule(snapshot, info, profile);
    if (!decision.placed) return '';
    snapshot.setPod(info, decision.node.name);
    return decision.node.name;
  });
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);
const nodes = (count: number) => Array.from({ length: count }, (_, i) => nodeNamed(`n${i}`));

describe('schedule', () => {
  it('spreads by default and packs with binPack', () => {
    const pod = { cpu: '1', memory: '1Gi', controllerUid: 'rs' };
    expect(new Set(placeAll(snapshotOf(nodes(4)), times(4, pod))).size).toBe(4);
    expect(new Set(placeAll(snapshotOf(nodes(4)), times(4, pod), binPackProfile)).size).toBe(1);
  });

  it('spreads the pods of one controller even where loads differ', () => {
    const snapshot = snapshotOf([nodeNamed('small', { cpu: '4' }), nodeNamed('large', { cpu: '64', memory: '128Gi' })]);
    expect(new Set(placeAll(snapshot, times(2, { controllerUid: 'rs' }))).size).toBe(2);
  });

  it('prefers nodes by affinity, and avoids soft taints', () => {
    const spec = {
      affinity: {
        nodeAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 10, preference: { matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] } },
          ],
        },
      },
    };
    const disks = [nodeNamed('a'), nodeNamed('b', { labels: { disk: 'ssd' } })];
    expect(placeAll(snapshotOf(disks), [{ spec }])).toEqual(['b']);
    const tainted = [nodeNamed('a', { taints: [{ key: 'old', effect: 'PreferNoSchedule' }] }), nodeNamed('b')];
    expect(placeAll(snapshotOf(tainted), [{}])).toEqual(['b']);
  });

  it('prefers the node that has the image', () => {
    const images = [{ names: ['app:latest'], sizeBytes: 900 * 1024 ** 2 }];
    expect(placeAll(snapshotOf([nodeNamed('a'), nodeNamed('b', { images })]), [{}])).toEqual(['b']);
  });

  it('says with upstream words why a pod fits nowhere', () => {
    const snapshot = snapshotOf([
      nodeNamed('a', { cpu: '1' }),
      nodeNamed('b', { cpu: '1' }),
      nodeNamed('c', { taints: [{ key: 'x', value: 'y', effect: 'NoSchedule' }] }),
    ]);
    const decision = schedule(snapshot, infoOf('p', { cpu: '2' }), defaultProfile);
    if (decision.placed) throw new Error('placed');
    expect(failureMessage(decision.refusals.values(), 3)).toBe(
      '0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu.',
    );
    expect(failureMessage([], 0)).toBe('no nodes available to schedule pods');
  });

  it('says once what it is about the pod that keeps it from every node, whatever else the nodes refuse', () => {
    const snapshot = snapshotOf([nodeNamed('a', { cpu: '1' }), nodeNamed('b', { unschedulable: true })]);
    const spec = { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] };
    const decision = schedule(snapshot, infoOf('p', { cpu: '2', spec }), defaultProfile);
    if (decision.placed) throw new Error('placed');
    const refusals = [...decision.refusals.values()];
    expect(failureMessage(refusals, 2, preemptionMessage(refusals, 2))).toBe(
      '0/2 nodes are available: persistentvolumeclaim "data" not found.' +
        ' preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.',
    );
  });

  it('of a large cluster searches a part, and begins where the search before it ended', () => {
    const snapshot = snapshotOf(nodes(400));
    const profile = { ...defaultProfile, percentageOfNodesToScore: 30 };
    const seen = new Set<string>();
    let start = 0;
    for (let turn = 0; turn < 4; turn++) {
      const info = infoOf(`p${turn}`, { cpu: '1' });
      const decision = schedule(snapshot, info, profile, searchOf(profile, 400, start));
      if (!decision.placed) throw new Error('not placed');
      expect(decision.searched).toBe(120);
      const index = snapshot.nodes.indexOf(decision.node);
      expect((index - start + 400) % 400).toBeLessThan(120);
      seen.add(decision.node.name);
      start = (start + decision.searched) % 400;
    }
    expect(seen.size).toBe(4);
  });

  it('changes nothing and answers the same twice', () => {
    const snapshot = snapshotOf(nodes(5));
    const info = infoOf('p', { cpu: '1', controllerUid: 'rs' });
    const first = schedule(snapshot, info, defaultProfile);
    expect(schedule(snapshot, info, defaultProfile)).toEqual(first);
    expect(snapshot.nodes.every((node) => node.pods.size === 0)).toBe(true);
  });

  it('searches a large cluster in part', () => {
    expect([50, 100, 1000, 5000, 20_000].map(enoughNodes)).toEqual([50, 100, 420, 500, 1000]);
    const decision = schedule(snapshotOf(nodes(1000)), infoOf('p'), defaultProfile, { start: 900 });
    expect(decision).toMatchObject({ placed: true, feasible: 420, searched: 420 });
  });
});

const app = fc.constantFrom('a', 'b', 'c');
const podFacts: fc.Arbitrary<PodFacts> = fc.record({
  cpu: fc.constantFrom('100m', '500m', '1', '2'),
  memory: fc.constantFrom('128Mi', '1Gi', '3Gi'),
  labels: fc.record({ app }),
  spec: fc.oneof(
    { weight: 3, arbitrary: fc.constant({}) },
    fc.record({ nodeSelector: fc.record({ zone: fc.constantFrom('z0', 'z1') }) }),
    fc.record({ tolerations: fc.constant([{ operator: 'Exists' }]) }),
    app.map((name) => ({
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: name } } },
          ],
        },
      },
    })),
    app.map((name) => ({
      topologySpreadConstraints: [
        {
          topologyKey: 'zone',
          maxSkew: 1,
          whenUnsatisfiable: 'DoNotSchedule',
          labelSelector: { matchLabels: { app: name } },
        },
      ],
    })),
  ),
});
const nodeFacts = fc.record({
  cpu: fc.constantFrom('2', '4', '8'),
  pods: fc.integer({ min: 1, max: 20 }),
  labels: fc.record({ zone: fc.constantFrom('z0', 'z1', 'z2') }),
  taints: fc.constantFrom([], [{ key: 'k', effect: 'NoSchedule' }]),
});

describe('over random clusters', () => {
  const cluster = fc.tuple(fc.array(nodeFacts, { minLength: 1, maxLength: 8 }), fc.array(podFacts, { maxLength: 30 }));

  it('no placement breaks a filter, and a pod is left pending only when every node refuses it', () => {
    fc.assert(
      fc.property(cluster, fc.constantFrom(defaultProfile, binPackProfile), ([nodeList, podList], profile) => {
        const snapshot = snapshotOf(nodeList.map((facts, i) => nodeNamed(`n${i}`, facts)));
        podList.forEach((facts, i) => {
          const info = infoOf(`p${i}`, facts);
          const filters = prepareFilters(snapshot, info, profile);
          const fitting = snapshot.nodes.filter((node) => firstRefusal(filters, node) === undefined);
          const decision = schedule(snapshot, info, profile);
          expect(decision.placed).toBe(fitting.length > 0);
          if (!decision.placed) return;
          expect(fitting).toContain(decision.node);
          snapshot.setPod(info, decision.node.name);
          for (const node of snapshot.nodes) {
            expect(node.requested.milliCpu).toBeLessThanOrEqual(node.allocatable.milliCpu);
            expect(node.pods.size).toBeLessThanOrEqual(node.maxPods);
          }
        });
      }),
      { numRuns: 150 },
    );
  });

  it('removing what was added leaves no trace', () => {
    fc.assert(
      fc.property(cluster, ([nodeList, podList]) => {
        const snapshot = snapshotOf(nodeList.map((facts, i) => nodeNamed(`n${i}`, facts)));
        const infos = podList.map((facts, i) => infoOf(`p${i}`, facts));
        infos.forEach((info, i) => snapshot.setPod(info, `n${i % nodeList.length}`));
        const copy = snapshot.clone();
        for (const info of infos) snapshot.removePod(info.key);
        for (const node of snapshot.nodes) {
          expect(node.requested).toMatchObject({ milliCpu: 0, memoryBytes: 0, storageBytes: 0 });
          expect(node.scoredMilliCpu).toBe(0);
          expect(node.byController.size).toBe(0);
        }
        expect(snapshot.groups.size).toBe(0);
        expect(snapshot.termGroups.size).toBe(0);
        expect(copy.nodes.reduce((sum, node) => sum + node.pods.size, 0)).toBe(infos.length);
      }),
    );
  });
});

it('reads a pod of every optional field without failing', () => {
  expect(createPodInfo(infoOf('p').pod).termKey).toBeUndefined();
});
