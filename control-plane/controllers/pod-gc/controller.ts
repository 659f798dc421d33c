// Removes pods that nobody else will: too many finished ones, and those of nodes that no longer exist.
import type { Pod } from '../../../api/kinds/core/index.ts';
import type { ControllerContext } from '../context.ts';
import type { PodGarbage } from './plan.ts';
import { nodes, pods } from '../../../api/kinds/core/index.ts';
import { isApiError } from '../../../api/meta/status.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { createTrigger, runController, watchFor } from '../../../machinery/controller.ts';
import { withCondition } from '../conditions.ts';
import { isFinished } from '../pod-state.ts';
import { planFinishedPods, planLostPods } from './plan.ts';

const periodMs = 20_000;
/** A node must be missing for so long before its pods count as lost: it may be registering again. */
const quarantineMs = 40_000;

/** Runs until the context's signal aborts. */
export function runPodGcController(context: ControllerContext): Promise<void> {
  const { client, informers, clock, signal, logger } = context;
  const { terminatedPodThreshold = 12_500 } = context.settings;
  const nodeInformer = informers.of(nodes);
  const podInformer = informers.of(pods);
  const missingSince = new Map<string, number>();
  const trigger = createTrigger();

  const isNodeGone = (name: string): boolean => {
    const nowMs = clock.now();
    const sinceMs = missingSince.get(name) ?? nowMs;
    missingSince.set(name, sinceMs);
    return nowMs - sinceMs >= quarantineMs;
  };
  /** The cache may lag behind: only a server that answers NotFound makes a node gone. */
  const isReallyGone = async (name: string): Promise<boolean> => {
    try {
      await client.resource(nodes).get(name, { signal });
      return false;
    } catch (error) {
      if (isApiError(error, 'NotFound')) return true;
      throw error;
    }
  };
  const remove = async ({ pod, reason }: PodGarbage): Promise<void> => {
    const api = client.resource(pods, pod.metadata.namespace);
    try {
      if (!isFinished(pod)) await api.updateStatus(failed(pod, reason, clock.now()), { signal });
      await api.delete(pod.metadata.name, { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid }, signal });
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
    }
  };

  return runController({
    name: 'pod-gc',
    sources: [
      trigger,
      watchFor(nodeInformer, (_node, { current }) => (current === undefined ? ['all'] : [])),
      watchFor(podInformer, (pod) =>
        pod.metadata.deletionTimestamp !== undefined && !pod.spec.nodeName ? ['all'] : [],
      ),
      { whenSynced: () => Promise.resolve(), start: (enqueue) => (enqueue('all'), () => undefined) },
    ],
    workers: 1,
    clock,
    logger,
    signal,
    async reconcile() {
      for (const name of missingSince.keys()) if (nodeInformer.get(name)) missingSince.delete(name);
      const all = podInformer.list();
      const lost = planLostPods(all, (name) => nodeInformer.get(name), isNodeGone);
      const lostNodes = new Set(
        lost.flatMap(({ pod, reason }) => (reason && pod.spec.nodeName ? [pod.spec.nodeName] : [])),
      );
      const gone = new Set<string>();
      for (const name of lostNodes) if (await isReallyGone(name)) gone.add(name);
      const garbage = [
        ...planFinishedPods(all, terminatedPodThreshold),
        ...lost.filter(({ pod, reason }) => reason === undefined || gone.has(pod.spec.nodeName ?? '')),
      ];
      for (let at = 0; at < garbage.length; at += 20) await Promise.all(garbage.slice(at, at + 20).map(remove));
      return { requeueAfterMs: periodMs };
    },
  });
}

function failed(pod: Readonly<Pod>, message: string | undefined, nowMs: number): Pod {
  const conditions = message
    ? withCondition(pod.status?.conditions, {
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'DeletionByPodGC',
        message,
        lastTransitionTime: formatTime(nowMs),
      })
    : pod.status?.conditions;
  return { ...pod, status: { ...pod.status, phase: 'Failed', conditions } };
}
