// Keeps one pod of every DaemonSet on each node where it belongs, and replaces them when the template changes.
import type { DaemonSet } from '../../../api/kinds/apps/index.ts';
import type { Node } from '../../../api/kinds/core/index.ts';
import type { ControllerContext } from '../context.ts';
import { controllerRevisions, daemonSets } from '../../../api/kinds/apps/index.ts';
import { nodes, pods } from '../../../api/kinds/core/index.ts';
import { keyOf } from '../../../api/meta/object-meta.ts';
import { createKeyedBackoff } from '../../../machinery/backoff.ts';
import { runController, watchFor } from '../../../machinery/controller.ts';
import { keysOfOwned, ownerIndexes, planClaims, syncClaims } from '../ownership.ts';
import { createPodControl, isNamespaceLeaving } from '../pod-control.ts';
import { podFromTemplate } from '../pod-template.ts';
import { createRevisionHistory, revisionHashLabel } from '../revision-history.ts';
import { isSame } from '../same.ts';
import { slowStart } from '../slow-start.ts';
import { daemonPodSpec, nodeNameOf } from './nodes.ts';
import { planDaemonSet, planDaemonSetStatus } from './plan.ts';

/** What of a node decides where daemons belong. */
function relevantFacts(node: Readonly<Node> | undefined): unknown {
  return node && [node.metadata.labels, node.spec?.taints, node.spec?.unschedulable];
}

/** Runs until the context's signal aborts. */
export function runDaemonSetController(context: ControllerContext): Promise<void> {
  const { client, informers, clock, signal, logger } = context;
  const setInformer = informers.of(daemonSets);
  const podInformer = informers.of(pods, ownerIndexes);
  const nodeInformer = informers.of(nodes);
  const revisionInformer = informers.of(controllerRevisions, ownerIndexes);
  const history = createRevisionHistory(context);
  const control = createPodControl(context, 'daemonset-controller');
  const recorder = context.recorder('daemonset-controller');
  const replacing = createKeyedBackoff({ initialMs: 1_000, maxMs: 900_000, jitter: 0 });

  const reconcile = async (key: string): Promise<{ requeueAfterMs?: number } | void> => {
    const set = setInformer.get(key);
    if (set === undefined) return control.forget(key);
    if (!control.isCurrent(key)) return { requeueAfterMs: 1_000 };
    const setApi = client.resource(daemonSets, set.metadata.namespace);
    const claims = planClaims(set, set.spec.selector, podInformer);
    const mine = await syncClaims(set, setApi, claims, client.resource(pods, set.metadata.namespace), signal);
    const { present } = await history.sync(set);
    const hash = present.metadata.labels?.[revisionHashLabel] ?? '';
    const allNodes = nodeInformer.list();
    const plan = planDaemonSet(set, allNodes, mine, hash, clock.now());

    await Promise.all(plan.delete.filter((pod) => !plan.ended.includes(pod)).map((pod) => control.delete(set, pod)));
    const waitMs = await replaceEnded(set, plan.ended);
    try {
      await slowStart(plan.create.length, async (i) => {
        const pod = podFromTemplate(set.spec.template, set);
        const labels = { ...pod.metadata.labels, [revisionHashLabel]: hash };
        await control.create(set, {
          ...pod,
          metadata: { ...pod.metadata, labels },
          spec: daemonPodSpec(pod.spec, plan.create[i] ?? ''),
        });
      });
    } catch (error) {
      if (!isNamespaceLeaving(error)) throw error;
    }
    await history.trim(set, (name) =>
      mine.some(({ metadata }) => name.endsWith(`-${metadata.labels?.[revisionHashLabel]}`)),
    );
    const { status, requeueAfterMs } = planDaemonSetStatus(set, allNodes, mine, hash, clock.now());
    if (!isSame(status, set.status)) await setApi.updateStatus({ ...set, status }, { signal });
    const waits = [waitMs, requeueAfterMs].filter((ms) => ms !== undefined);
    return waits.length > 0 ? { requeueAfterMs: Math.min(...waits) } : undefined;
  };

  /** Deletes daemon pods that ended, each node's less and less often; returns when to look at those left. */
  const replaceEnded = async (
    set: Readonly<DaemonSet>,
    ended: readonly Parameters<typeof control.delete>[1][],
  ): Promise<number | undefined> => {
    let waitMs: number | undefined;
    for (const pod of ended) {
      const node = nodeNameOf(pod) ?? '';
      const id = `${set.metadata.uid}/${node}`;
      const endedMs = Math.max(
        ...(pod.status?.containerStatuses ?? []).map(
          ({ state }) => Date.parse(state?.terminated?.finishedAt ?? '') || 0,
        ),
        0,
      );
      const leftMs =
        endedMs + (replacing.failures(id) === 0 ? 0 : 1_000 * 2 ** Math.min(replacing.failures(id), 10)) - clock.now();
      if (leftMs > 0) {
        waitMs = Math.min(waitMs ?? leftMs, leftMs);
        continue;
      }
      replacing.nextMs(id);
      const isFailed = pod.status?.phase === 'Failed';
      const message = `Found ${isFailed ? 'failed' : 'succeeded'} daemon pod ${keyOf(pod)} on node ${node}, will try to ${isFailed ? 'kill' : 'delete'} it`;
      recorder.record(
        set,
        isFailed ? 'Warning' : 'Normal',
        isFailed ? 'FailedDaemonPod' : 'SucceededDaemonPod',
        message,
      );
      await control.delete(set, pod);
    }
    return waitMs;
  };

  return runController({
    name: 'daemonset',
    sources: [
      watchFor(setInformer),
      watchFor(podInformer, keysOfOwned('DaemonSet', setInformer)),
      watchFor(revisionInformer, keysOfOwned('DaemonSet', setInformer)),
      watchFor(nodeInformer, (_node, { current, previous }) =>
        current && previous && isSame(relevantFacts(current), relevantFacts(previous))
          ? []
          : setInformer.list().map(keyOf),
      ),
    ],
    workers: 2,
    clock,
    logger,
    signal,
    reconcile,
  });
}
