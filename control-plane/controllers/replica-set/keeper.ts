// The loop that ReplicaSets and ReplicationControllers share: keep as many pods as asked for. It never acts on a cache
// that lacks its own last writes, so it makes neither too many pods nor deletes too many, whenever it is stopped.
import type { Pod } from '../../../api/kinds/core/index.ts';
import type { LabelSelector } from '../../../api/kinds/meta/index.ts';
import type { ResourceRef } from '../../../machinery/rest-client.ts';
import type { ControllerContext } from '../context.ts';
import type { Replicated, ReplicatedStatus } from './plan.ts';
import { pods } from '../../../api/kinds/core/index.ts';
import { controllerOf } from '../../../api/meta/object-meta.ts';
import { runController, watchFor } from '../../../machinery/controller.ts';
import { keysOfOwned, ownerIndexes, planClaims, syncClaims } from '../ownership.ts';
import { createPodControl, isNamespaceLeaving } from '../pod-control.ts';
import { podFromTemplate } from '../pod-template.ts';
import { isSame } from '../same.ts';
import { slowStart } from '../slow-start.ts';
import { planReplicaStatus, planReplicas } from './plan.ts';

export interface KeeperOptions<T extends Replicated> {
  resource: ResourceRef<T>;
  /** Who speaks in events, such as `replicaset-controller`. */
  component: string;
  selectorOf(owner: Readonly<T>): Readonly<LabelSelector> | undefined;
  /** The kind's own status out of the counts. */
  statusOf(counts: ReplicatedStatus): T['status'];
}

type Failure = { reason: 'FailedCreate' | 'FailedDelete'; message: string; error: unknown };

/** Runs until the context's signal aborts. */
export function runReplicaKeeper<T extends Replicated>(
  context: ControllerContext,
  options: KeeperOptions<T>,
): Promise<void> {
  const { client, informers, clock, signal, logger } = context;
  const { resource, component, selectorOf, statusOf } = options;
  const owners = informers.of(resource, ownerIndexes);
  const podInformer = informers.of(pods, ownerIndexes);
  const control = createPodControl(context, component);

  const manage = async (owner: Readonly<T>, mine: readonly Readonly<Pod>[]): Promise<Failure | undefined> => {
    const above = controllerOf(owner);
    const siblings = above ? owners.byIndex('controller', above.uid) : [owner];
    const related = siblings.flatMap((sibling) => podInformer.byIndex('controller', sibling.metadata.uid));
    const plan = planReplicas(owner, mine, related, context.clock.now());
    const { template } = owner.spec;
    try {
      if (template)
        await slowStart(plan.create, async () => void (await control.create(owner, podFromTemplate(template, owner))));
    } catch (error) {
      if (isNamespaceLeaving(error)) return undefined;
      return { reason: 'FailedCreate', message: (error as Error).message, error };
    }
    const deleted = await Promise.allSettled(plan.delete.map((pod) => control.delete(owner, pod)));
    const failed = deleted.find((result) => result.status === 'rejected');
    return failed && { reason: 'FailedDelete', message: (failed.reason as Error).message, error: failed.reason };
  };

  return runController({
    name: resource.kind.toLowerCase(),
    sources: [watchFor(owners), watchFor(podInformer, keysOfOwned(resource.kind, owners, selectorOf))],
    workers: 8,
    clock,
    logger,
    signal,
    async reconcile(key) {
      const owner = owners.get(key);
      if (owner === undefined) return control.forget(key);
      if (!control.isCurrent(key)) return { requeueAfterMs: 1_000 };
      const api = client.resource(resource, owner.metadata.namespace);
      const claims = planClaims(owner, selectorOf(owner), podInformer);
      const mine = await syncClaims(owner, api, claims, client.resource(pods, owner.metadata.namespace), signal);
      const failure = await manage(owner, mine);
      const { status: counts, requeueAfterMs } = planReplicaStatus(owner, mine, failure, clock.now());
      const status = statusOf(counts);
      if (!isSame(status, owner.status)) await api.updateStatus({ ...owner, status }, { signal });
      if (failure) throw failure.error;
      return { requeueAfterMs };
    },
  });
}
