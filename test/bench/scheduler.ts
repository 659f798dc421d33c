// The scheduler: its pure decision on clusters of 1,000 and 5,000 nodes without any etcd, then pods created and bound on
// 500 hollow nodes by the ruler's phase f, and what the whole control plane weighs meanwhile.
import { infoOf, nodeNamed, snapshotOf } from '../../control-plane/scheduler/fixtures.ts';
import type { PodFacts } from '../../control-plane/scheduler/fixtures.ts';
import { defaultProfile } from '../../control-plane/scheduler/profile.ts';
import { schedule } from '../../control-plane/scheduler/schedule.ts';
import { cpuNote, load, pause, rawEtcd, residentMiB, whyNot, withPlane } from './plane.ts';
import type { Figure, Section } from './report.ts';

const measureMs = 3_000;
const warmUp = 200;
const podsPerNode = 2;

/** Decisions per second, each pod placed where it was decided, on a cluster that already runs two pods a node. */
function decisionsPerSecond(nodeCount: number, facts: (index: number) => PodFacts): number {
  const nodes = Array.from({ length: nodeCount }, (_, index) =>
    nodeNamed(`node-${index}`, {
      labels: { 'topology.kubernetes.io/zone': `zone-${index % 3}` },
      cpu: '64',
      memory: '256Gi',
    }),
  );
  const snapshot = snapshotOf(nodes);
  for (let index = 0; index < nodeCount * podsPerNode; index++) {
    const running = { cpu: '100m', memory: '128Mi', labels: { app: `app-${index % 50}` } };
    snapshot.setPod(infoOf(`running-${index}`, running), `node-${index % nodeCount}`);
  }
  let start = 0;
  let made = 0;
  const decide = (): void => {
    const pod = infoOf(`pod-${made}`, facts(made));
    made++;
    const decision = schedule(snapshot, pod, defaultProfile, { start });
    if (!decision.placed) return;
    snapshot.setPod(pod, decision.node.name);
    start = (start + decision.searched) % nodeCount;
  };
  while (made < warmUp) decide();
  const begun = performance.now();
  const before = made;
  while (performance.now() - begun < measureMs) decide();
  return ((made - before) / (performance.now() - begun)) * 1000;
}

const plain = (index: number): PodFacts => ({ cpu: '10m', memory: '16Mi', labels: { app: `app-${index % 50}` } });

const labelSelector = (index: number): object => ({ matchLabels: { app: `app-${index % 50}` } });

const apart = (index: number): PodFacts => ({
  ...plain(index),
  spec: {
    affinity: {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { labelSelector: labelSelector(index), topologyKey: 'kubernetes.io/hostname' },
        ],
      },
    },
  },
});

const spreadOut = (index: number): PodFacts => ({
  ...plain(index),
  spec: {
    topologySpreadConstraints: ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map((topologyKey) => ({
      topologyKey,
      maxSkew: 5,
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: labelSelector(index),
    })),
  },
});

function pureFigures(): Figure[] {
  const row = (name: string, nodes: number, facts: (index: number) => PodFacts, atLeast: number): Figure => ({
    name: `schedule(), ${nodes.toLocaleString('en')} nodes, ${name}`,
    value: decisionsPerSecond(nodes, facts),
    unit: '/s',
    bar: { atLeast },
  });
  return [
    row('default profile', 1_000, plain, 3_000),
    row('default profile', 5_000, plain, 1_000),
    row('pod anti-affinity', 5_000, apart, 300),
    row('topology spread', 5_000, spreadOut, 300),
  ];
}

export const schedulerSection: Section = {
  name: 'scheduler',
  describe: 'pure decisions; pods created and bound on 500 hollow nodes; the weight of the whole control plane',
  run: async (log) => {
    log('the pure decision');
    const pure = pureFigures();
    const obstacle = whyNot();
    if (obstacle !== undefined) {
      log(`the rest is skipped: ${obstacle}`);
      return pure;
    }
    const before = await rawEtcd();
    const bound = await withPlane(['api,scheduler,controllers'], async (plane) => {
      const pid = plane.pids['server'] ?? 0;
      await pause(30);
      const idle = residentMiB(pid);
      const phases = await load(plane, 'f,g', log);
      const f = phases['f'];
      return { idle, loaded: residentMiB(pid), pods: f?.results['schedule pods'] ?? {}, cpu: cpuNote(f) };
    });
    const after = await rawEtcd();
    const raw = (before.many + after.many) / 2;
    const perSecond = bound.pods['per_s'] ?? NaN;
    return [
      ...pure,
      {
        name: 'raw etcd puts, 64 in flight (before and after)',
        value: raw,
        unit: '/s',
        note: `${before.many}, ${after.many}`,
      },
      { name: 'pods created and bound', value: perSecond, unit: '/s', note: bound.cpu },
      { name: 'pods created and bound / raw etcd', value: perSecond / raw, unit: '×', bar: { atLeast: 0.065 } },
      { name: 'create to bound, p50', value: (bound.pods['p50_ms'] ?? NaN) / 1000, unit: 's', bar: { atMost: 0.7 } },
      { name: 'whole control plane: resident, idle', value: bound.idle, unit: 'MB', bar: { atMost: 170 } },
      { name: 'whole control plane: resident after the load', value: bound.loaded, unit: 'MB', bar: { atMost: 420 } },
    ];
  },
};
