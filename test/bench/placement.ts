// Questions about placement on 1,000 nodes and 10,000 pods: what if nodes are lost, and why a pod waits with what would
// help it. First the pure answers without network or etcd, then the same over HTTPS.
import { explainPlacement } from '../../control-plane/scheduler/explain.ts';
import { infoOf, nodeNamed, podNamed, snapshotOf } from '../../control-plane/scheduler/fixtures.ts';
import { defaultProfile, defaultProfiles } from '../../control-plane/scheduler/profile.ts';
import { simulate } from '../../control-plane/scheduler/simulate.ts';
import type { Snapshot } from '../../control-plane/scheduler/snapshot/snapshot.ts';
import { livePlacementFigures } from './live-placement.ts';
import type { Figure, Section } from './report.ts';

const nodeCount = 1_000;
const podCount = 10_000;
const rounds = 5;

function cluster(): Snapshot {
  const nodes = Array.from({ length: nodeCount }, (_, i) =>
    nodeNamed(`n${i}`, { cpu: '16', memory: '64Gi', labels: { 'topology.kubernetes.io/zone': `z${i % 3}` } }),
  );
  const pods = Array.from({ length: podCount }, (_, i) => {
    const facts = { cpu: '1', memory: '4Gi', controllerUid: `rs${i % 50}`, labels: { app: `a${i % 50}` } };
    return podNamed(`p${i}`, { ...facts, nodeName: `n${i % nodeCount}` });
  });
  return snapshotOf(nodes, pods);
}

/** Milliseconds of the median of some rounds. */
function median(work: () => void): number {
  const times = Array.from({ length: rounds }, () => {
    const begun = performance.now();
    work();
    return performance.now() - begun;
  });
  return times.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? NaN;
}

export const placementSection: Section = {
  name: 'placement',
  describe: 'what if and why, about 1,000 nodes and 10,000 pods: the pure answers, then over HTTPS on a live cluster',
  run: async (log) => {
    const snapshot = cluster();
    const context = { profiles: defaultProfiles, budgets: [], pending: [] };
    const lose = (count: number): void => {
      const lost = Array.from({ length: count }, (_, i) => ({ type: 'node-lost' as const, node: `n${i}` }));
      const { moved } = simulate(snapshot, lost, context);
      if (moved.length !== count * (podCount / nodeCount)) throw new Error(`${moved.length} pods moved`);
    };
    const large = infoOf('large', { cpu: '12', memory: '4Gi' });
    const explain = (): void => {
      const { remedies, counts } = explainPlacement(snapshot, large, defaultProfile);
      if (remedies.length === 0 || counts.length === 0) throw new Error('nothing said');
    };
    const atMost = 2_000;
    const figures: Figure[] = [
      { name: 'simulate: 20 of 1,000 nodes lost', value: median(() => lose(20)), unit: 'ms', bar: { atMost } },
      { name: 'simulate: 200 of 1,000 nodes lost', value: median(() => lose(200)), unit: 'ms', bar: { atMost } },
      { name: 'explain a pod that fits nowhere, with remedies', value: median(explain), unit: 'ms' },
    ];
    return [...figures, ...(await livePlacementFigures(log))];
  },
};
