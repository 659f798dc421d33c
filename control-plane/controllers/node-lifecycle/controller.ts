// Watches over nodes: one that falls silent is marked and tainted, its pods are reported not ready, and evicted when
// their tolerations end. A node that returns in time keeps its pods; evictions of whole zones are rationed.
import type { Node, Pod, Taint } from '../../../api/kinds/core/index.ts';
import type { ControllerContext } from '../context.ts';
import { leases } from '../../../api/kinds/coordination/index.ts';
import { nodes, pods } from '../../../api/kinds/core/index.ts';
import { keyOf } from '../../../api/meta/object-meta.ts';
import { isApiError } from '../../../api/meta/status.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { runController, watchFor } from '../../../machinery/controller.ts';
import { conditionOf } from '../conditions.ts';
import { disruptPod } from '../disrupt-pod.ts';
import { isFinished, isReady } from '../pod-state.ts';
import { planEvictionMs } from './eviction.ts';
import { createNodeHealth } from './health.ts';
import { evictionTaintOf, planSilentConditions, planTaints } from './plan.ts';
import { startSteadyTime } from './steady-time.ts';
import type { ZoneRates } from './zones.ts';
import { createZoneLimiter, planZoneRates, upstreamRates, zoneOf } from './zones.ts';

const leaseNamespace = 'kube-node-lease';

/** Index of pods by the node that they are bound to. */
export const podsByNode = { node: (pod: Readonly<Pod>): string[] => (pod.spec.nodeName ? [pod.spec.nodeName] : []) };

/** Runs node health and taint eviction until the context's signal aborts. */
export async function runNodeLifecycleController(context: ControllerContext): Promise<void> {
  await Promise.all([runNodeHealth(context), runTaintEviction(context)]);
}

function runNodeHealth(context: ControllerContext): Promise<void> {
  const { client, informers, clock, signal, logger } = context;
  const { nodeMonitorGraceMs = 40_000 } = context.settings;
  const periodMs = Math.min(5_000, Math.max(nodeMonitorGraceMs / 4, 250));
  const nodeInformer = informers.of(nodes);
  const leaseInformer = informers.of(leases);
  const podInformer = informers.of(pods, podsByNode);
  const recorder = context.recorder('node-controller');
  const health = createNodeHealth();
  const steady = startSteadyTime(clock, Math.min(1_000, Math.max(nodeMonitorGraceMs / 20, 50)), signal);
  const limiter = createZoneLimiter();
  const api = client.resource(nodes);

  let judged: { atMs: number; rates: ZoneRates } | undefined;
  /** The zones' states, judged anew at most once a tick. */
  const zoneRates = (): ZoneRates => {
    const atMs = steady.now();
    if (judged?.atMs === atMs) return judged.rates;
    const zones = new Map<string, { ready: number; lost: number }>();
    for (const one of nodeInformer.list()) {
      const zone = zones.get(zoneOf(one)) ?? { ready: 0, lost: 0 };
      if (conditionOf(one.status?.conditions, 'Ready')?.status === 'True') zone.ready++;
      else zone.lost++;
      zones.set(zoneOf(one), zone);
    }
    judged = { atMs, rates: planZoneRates(zones, upstreamRates) };
    return judged.rates;
  };
  const taintsOf = (node: Readonly<Node>, nowMs: number): { taints?: Taint[]; isWaiting: boolean } => {
    const kept = planTaints(node, 'rationed', nowMs);
    if (!evictionTaintOf(node)) return { taints: kept, isWaiting: false };
    const { isAllDown, perSecond } = zoneRates();
    if (isAllDown) return { taints: planTaints(node, 'called-off', nowMs), isWaiting: true };
    const evicting = planTaints(node, 'allowed', nowMs);
    const mayGo = evicting !== undefined && evicting.length > (kept ?? node.spec?.taints ?? []).length;
    if (!mayGo) return { taints: kept, isWaiting: false };
    const isTurn = limiter.tryTake(zoneOf(node), perSecond.get(zoneOf(node)) ?? 0, steady.now());
    return isTurn ? { taints: evicting, isWaiting: false } : { taints: kept, isWaiting: true };
  };
  const markPodsNotReady = async (nodeName: string): Promise<void> => {
    const time = formatTime(clock.now());
    const affected = podInformer.byIndex('node', nodeName).filter((pod) => isReady(pod) && !isFinished(pod));
    await Promise.all(
      affected.map(async (pod) => {
        const conditions = (pod.status?.conditions ?? []).map((condition) =>
          condition.type === 'Ready'
            ? {
                ...condition,
                status: 'False',
                reason: 'NodeNotReady',
                message: `Node ${nodeName} is not ready`,
                lastTransitionTime: time,
              }
            : condition,
        );
        const podApi = client.resource(pods, pod.metadata.namespace);
        await podApi
          .updateStatus({ ...pod, status: { ...pod.status, conditions } }, { signal })
          .catch((error: unknown) => {
            if (!isApiError(error, 'NotFound')) throw error;
          });
        recorder.record(pod, 'Warning', 'NodeNotReady', 'Node is not ready');
      }),
    );
  };

  return runController({
    name: 'node-lifecycle',
    sources: [
      watchFor(nodeInformer),
      watchFor(leaseInformer, ({ metadata: { namespace, name } }) => (namespace === leaseNamespace ? [name] : [])),
    ],
    workers: 8,
    clock,
    logger,
    signal,
    async reconcile(name) {
      let node = nodeInformer.get(name);
      if (node === undefined) return health.forget(name);
      const nowMs = clock.now();
      const steadyMs = steady.now();
      const sinceMs = health.observe(node, leaseInformer.get(`${leaseNamespace}/${name}`), steadyMs);
      const leftMs = sinceMs + nodeMonitorGraceMs - steadyMs;
      if (leftMs <= 0) {
        const conditions = planSilentConditions(node, nowMs);
        if (conditions) {
          node = await api.updateStatus({ ...node, status: { ...node.status, conditions } }, { signal });
          recorder.record(node, 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`);
        }
      }
      const lost = evictionTaintOf(node);
      if (lost) await markPodsNotReady(name);
      const { taints, isWaiting } = taintsOf(node, nowMs);
      if (taints) await api.update({ ...node, spec: { ...node.spec, taints } }, { signal });
      return { requeueAfterMs: lost || isWaiting ? periodMs : Math.max(leftMs, 0) + 50 };
    },
  });
}

function runTaintEviction(context: ControllerContext): Promise<void> {
  const { informers, clock, signal, logger } = context;
  const { podEvictionTimeoutMs = 300_000 } = context.settings;
  const nodeInformer = informers.of(nodes);
  const podInformer = informers.of(pods, podsByNode);
  const recorder = context.recorder('taint-eviction-controller');

  return runController({
    name: 'taint-eviction',
    sources: [
      watchFor(podInformer),
      watchFor(nodeInformer, (node, { current, previous }) => {
        const before = JSON.stringify(previous?.spec?.taints ?? []);
        return JSON.stringify(current?.spec?.taints ?? []) === before
          ? []
          : podInformer.byIndex('node', node.metadata.name).map(keyOf);
      }),
    ],
    workers: 8,
    clock,
    logger,
    signal,
    async reconcile(key) {
      const pod = podInformer.get(key);
      const node = pod?.spec.nodeName ? nodeInformer.get(pod.spec.nodeName) : undefined;
      if (pod === undefined || node === undefined || pod.metadata.deletionTimestamp !== undefined) return;
      const leaveMs = planEvictionMs(pod, node, podEvictionTimeoutMs);
      if (leaveMs === undefined) return;
      const nowMs = clock.now();
      if (leaveMs > nowMs) return { requeueAfterMs: leaveMs - nowMs };
      recorder.record(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${key}`);
      await disruptPod(context, pod, {
        reason: 'DeletionByTaintManager',
        message: 'Taint manager: deleting due to NoExecute taint',
      });
    },
  });
}
