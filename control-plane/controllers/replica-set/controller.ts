// Keeps as many pods as each ReplicaSet asks for. Never acts on a cache that lacks its own last writes, so it makes
// neither too many pods nor deletes too many, whenever it is stopped and started.
import type { ReplicaSet } from '../../../api/kinds/apps/index.ts';
import type { Pod } from '../../../api/kinds/core/index.ts';
import type { ControllerContext } from '../context.ts';
import { replicaSets } from '../../../api/kinds/apps/index.ts';
import { pods } from '../../../api/kinds/core/index.ts';
import { controllerOf } from '../../../api/meta/object-meta.ts';
import { runController, watchFor } from '../../../machinery/controller.ts';
import { keysOfOwned, ownerIndexes, planClaims, syncClaims } from '../ownership.ts';
import { createPodControl, isNamespaceLeaving } from '../pod-control.ts';
import { podFromTemplate } from '../pod-template.ts';
import { isSame } from '../same.ts';
import { slowStart } from '../slow-start.ts';
import { planReplicaSetStatus, planReplicas } from './plan.ts';

type Failure = { reason: 'FailedCreate' | 'FailedDelete'; message: string; error: unknown };

/** Runs until the context's signal aborts. */
export function runReplicaSetController(context: ControllerContext): Promise<void> {
  const { client, informers, clock, signal, logger } = context;
  const sets = informers.of(replicaSets, ownerIndexes);
  const podInformer = informers.of(pods, ownerIndexes);
  const control = createPodControl(context, 'replicaset-controller');

  const manage = async (set: Readonly<ReplicaSet>, mine: readonly Readonly<Pod>[]): Promise<Failure | undefined> => {
    const owner = controllerOf(set);
    const siblings = owner ? sets.byIndex('controller', owner.uid) : [set];
    const related = siblings.flatMap((sibling) => podInformer.byIndex('controller', sibling.metadata.uid));
    const plan = planReplicas(set, mine, related, clock.now());
    const { template } = set.spec;
    try {
      if (template)
        await slowStart(plan.create, async () => void (await control.create(set, podFromTemplate(template, set))));
    } catch (error) {
      if (isNamespaceLeaving(error)) return undefined;
      return { reason: 'FailedCreate', message: (error as Error).message, error };
    }
    const deleted = await Promise.allSettled(plan.delete.map((pod) => control.delete(set, pod)));
    const failed = deleted.find((result) => result.status === 'rejected');
    return failed && { reason: 'FailedDelete', message: (failed.reason as Error).message, error: failed.reason };
  };

  return runController({
    name: 'replicaset',
    sources: [watchFor(sets), watchFor(podInformer, keysOfOwned('ReplicaSet', sets))],
    workers: 8,
    clock,
    logger,
    signal,
    async reconcile(key) {
      const set = sets.get(key);
      if (set === undefined) return control.forget(key);
      if (!control.isCurrent(key)) return { requeueAfterMs: 1_000 };
      const setApi = client.resource(replicaSets, set.metadata.namespace);
      const claims = planClaims(set, set.spec.selector, podInformer);
      const mine = await syncClaims(set, setApi, claims, client.resource(pods, set.metadata.namespace), signal);
      const failure = await manage(set, mine);
      const { status, requeueAfterMs } = planReplicaSetStatus(set, mine, failure, clock.now());
      if (!isSame(status, set.status)) await setApi.updateStatus({ ...set, status }, { signal });
      if (failure) throw failure.error;
      return { requeueAfterMs };
    },
  });
}
