import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PodDisruptionBudget } from '../../../api/kinds/policy/index.ts';
import { infoOf, nodeNamed, podNamed, snapshotOf } from '../fixtures.ts';
import type { PodFacts } from '../fixtures.ts';
import { defaultProfile } from '../profile.ts';
import { schedule } from '../schedule.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { mayPreempt, planPreemption } from './plan-preemption.ts';
import type { Preemption } from './plan-preemption.ts';
import { Reservations } from './reservations.ts';

function planFor(snapshot: Snapshot, facts: PodFacts, budgets: PodDisruptionBudget[] = []): Preemption | undefined {
  const pod = infoOf('vip', { priority: 100, ...facts });
  const decision = schedule(snapshot, pod, defaultProfile);
  if (decision.placed) throw new Error('it fits anyway');
  return planPreemption({ snapshot, pod, profile: defaultProfile, refusals: decision.refusals, budgets });
}

const namesOf = (plan: Preemption | undefined): string[] | undefined =>
  plan?.victims.map(({ pod }) => pod.metadata.name);
const small = (name: string, nodeName: string, more: PodFacts = {}) => podNamed(name, { cpu: '1', nodeName, ...more });
const budget = (labels: Record<string, string>, disruptionsAllowed: number): PodDisruptionBudget =>
  ({
    metadata: { namespace: 'default' },
    spec: { selector: { matchLabels: labels } },
    status: { disruptionsAllowed },
  }) as unknown as PodDisruptionBudget;

describe('planPreemption', () => {
  it('removes no more than it needs, the least important first', () => {
    const pods = [
      small('a', 'n1', { priority: 10 }),
      small('b', 'n1', { priority: 1 }),
      small('c', 'n1'),
      small('d', 'n1'),
    ];
    expect(namesOf(planFor(snapshotOf([nodeNamed('n1')], pods), { cpu: '2' }))?.sort()).toEqual(['c', 'd']);
  });

  it('never touches equal or more important pods', () => {
    const pods = Array.from({ length: 4 }, (_, i) => small(`p${i}`, 'n1', { priority: 100 }));
    expect(planFor(snapshotOf([nodeNamed('n1')], pods), { cpu: '1' })).toBeUndefined();
  });

  it('does not try where removing pods cannot help', () => {
    const tainted = nodeNamed('n1', { taints: [{ key: 'k', effect: 'NoSchedule' }] });
    expect(planFor(snapshotOf([tainted], [small('a', 'n1')]), { cpu: '1' })).toBeUndefined();
    expect(planFor(snapshotOf([nodeNamed('n1')], [small('a', 'n1')]), { cpu: '8' })).toBeUndefined();
  });

  it('prefers the node with the less important victims', () => {
    const nodes = [nodeNamed('n1', { cpu: '1' }), nodeNamed('n2', { cpu: '1' })];
    const plan = planFor(snapshotOf(nodes, [small('a', 'n1', { priority: 5 }), small('b', 'n2', { priority: 2 })]), {
      cpu: '1',
    });
    expect(namesOf(plan)).toEqual(['b']);
  });

  it('spares pods under a disruption budget where it can, and breaks it only where it must', () => {
    const nodes = [nodeNamed('n1', { cpu: '1' }), nodeNamed('n2', { cpu: '1' })];
    const guarded = { labels: { app: 'db' } };
    const both = [small('a', 'n1', guarded), small('b', 'n2', { priority: 50 })];
    expect(planFor(snapshotOf(nodes, both), { cpu: '1' }, [budget({ app: 'db' }, 0)])).toMatchObject({
      violations: 0,
      node: { name: 'n2' },
    });
    const one = snapshotOf([nodeNamed('n1', { cpu: '1' })], [small('a', 'n1', guarded)]);
    expect(planFor(one, { cpu: '1' }, [budget({ app: 'db' }, 0)])).toMatchObject({ violations: 1 });
    expect(planFor(one, { cpu: '1' }, [budget({ app: 'db' }, 1)])).toMatchObject({ violations: 0 });
  });

  it('waits for victims that are leaving, and respects a pod that will not preempt', () => {
    const leaving = small('a', 'n1', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } });
    const snapshot = snapshotOf([nodeNamed('n1')], [leaving]);
    const vip = podNamed('vip', { priority: 100 });
    const nominated = { ...vip, status: { ...vip.status, nominatedNodeName: 'n1' } };
    const info = (pod: typeof vip) => ({ ...infoOf('vip', { priority: 100 }), pod });
    expect(mayPreempt(snapshot, info(nominated))).toBe(false);
    expect(mayPreempt(snapshot, info(vip))).toBe(true);
    expect(mayPreempt(snapshot, infoOf('vip', { spec: { preemptionPolicy: 'Never' } }))).toBe(false);
  });

  it('frees no more than needed and leaves the snapshot as it was, over random clusters', () => {
    const pod = fc.record({ cpu: fc.constantFrom('250m', '500m', '1'), priority: fc.integer({ min: 0, max: 3 }) });
    fc.assert(
      fc.property(
        fc.array(fc.array(pod, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 4 }),
        (nodeList) => {
          const nodes = nodeList.map((_, i) => nodeNamed(`n${i}`, { cpu: '2' }));
          const snapshot = snapshotOf(nodes);
          nodeList.forEach((list, n) =>
            list.forEach((facts, i) => {
              const info = infoOf(`p${n}-${i}`, facts);
              const node = snapshot.node(`n${n}`);
              if (node && node.requested.milliCpu + info.requests.milliCpu <= 2000) snapshot.setPod(info, `n${n}`);
            }),
          );
          const vip = infoOf('vip', { cpu: '1', priority: 2 });
          const before = snapshot.nodes.map((node) => [...node.pods.keys()].sort());
          const decision = schedule(snapshot, vip, defaultProfile);
          if (decision.placed) return;
          const plan = planPreemption({
            snapshot,
            pod: vip,
            profile: defaultProfile,
            refusals: decision.refusals,
            budgets: [],
          });
          expect(snapshot.nodes.map((node) => [...node.pods.keys()].sort())).toEqual(before);
          if (!plan) return;
          expect(plan.victims.every((victim) => victim.priority < vip.priority)).toBe(true);
          const freed = plan.victims.reduce((sum, victim) => sum + victim.requests.milliCpu, 0);
          const free = plan.node.allocatable.milliCpu - plan.node.requested.milliCpu;
          expect(free + freed).toBeGreaterThanOrEqual(1000);
          for (const victim of plan.victims) expect(free + freed - victim.requests.milliCpu).toBeLessThan(1000);
        },
      ),
    );
  });
});

it('keeps a place from less important pods and yields it to more important ones', () => {
  const snapshot = snapshotOf([nodeNamed('n1', { cpu: '1' })]);
  const reservations = new Reservations(snapshot);
  const vip = infoOf('vip', { cpu: '1', priority: 10 });
  reservations.keep(vip, 'n1');
  const fits = (facts: PodFacts, name = 'other'): boolean => {
    const pod = infoOf(name, { cpu: '1', ...facts });
    return reservations.without(pod, () => schedule(snapshot, pod, defaultProfile).placed);
  };
  expect(fits({ priority: 5 })).toBe(false);
  expect(fits({ priority: 20 })).toBe(true);
  expect(fits({ priority: 10 }, 'vip')).toBe(true);
  reservations.release(vip.key);
  expect(fits({ priority: 5 })).toBe(true);
});
