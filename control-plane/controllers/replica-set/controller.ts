// Keeps as many pods as each ReplicaSet asks for. Never acts on a cache that lacks its own last writes, so it makes
// neither too many pods nor deletes too many, whenever it is stopped and started.
import type { ReplicaSet } from '../../../api/kinds/apps/index.ts';
import type { Pod } from '../../../api/kinds/core/index.ts';
import type { ControllerContext } from '../context.ts';
import { replicaSets } from '../../../api/kinds/apps/index.ts';
import { pods } from '../../../api/kinds/core/index.ts';
import { controllerOf, keyOf } from '../../../api/meta/object-meta.ts';
import { matchesLabelSelector } from '../../../api/meta/selectors.ts';
import { isApiError } from '../../../api/meta/status.ts';
import { runController, watchFor } from '../../../machinery/controller.ts';
import { createExpectations } from '../expectations.ts';
import { ownerIndexes, planClaims, syncClaims } from '../ownership.ts';
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
  const expectations = createExpectations(podInformer);
  const recorder = context.recorder('replicaset-controller');

  const keysOfPod = (pod: Readonly<Pod>): string[] => {
    const owner = controllerOf(pod);
    const { namespace } = pod.metadata;
    if (owner) return owner.kind === 'ReplicaSet' ? [`${namespace}/${owner.name}`] : [];
    if (pod.metadata.deletionTimestamp !== undefined) return [];
    return sets
      .list(namespace)
      .filter((set) => matchesLabelSelector(set.spec.selector, pod.metadata.labels ?? {}))
      .map(keyOf);
  };

  const manage = async (set: Readonly<ReplicaSet>, mine: readonly Readonly<Pod>[]): Promise<Failure | undefined> => {
    const key = keyOf(set);
    const api = client.resource(pods, set.metadata.namespace);
    const owner = controllerOf(set);
    const siblings = owner ? sets.byIndex('controller', owner.uid) : [set];
    const related = siblings.flatMap((sibling) => podInformer.byIndex('controller', sibling.metadata.uid));
    const plan = planReplicas(set, mine, related, clock.now());
    try {
      await slowStart(plan.create, async () => {
        if (signal.aborted || set.spec.template === undefined) return;
        const pod = await api.create(podFromTemplate(set.spec.template, set), { signal });
        expectations.wrote(key, pod);
        recorder.record(set, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
      });
    } catch (error) {
      // In a namespace that is going away nothing can be made: no use in saying so for each pod.
      if (isApiError(error, 'Forbidden') && error.message.includes('being terminated')) return undefined;
      recorder.record(set, 'Warning', 'FailedCreate', `Error creating: ${(error as Error).message}`);
      return { reason: 'FailedCreate', message: (error as Error).message, error };
    }
    const deleted = await Promise.allSettled(
      plan.delete.map(async (pod) => {
        try {
          await api.delete(pod.metadata.name, { preconditions: { uid: pod.metadata.uid }, signal });
        } catch (error) {
          if (!isApiError(error, 'NotFound') && !isApiError(error, 'Conflict')) throw error;
          return;
        }
        expectations.deleted(key, pod);
        recorder.record(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
      }),
    );
    const failed = deleted.find((result) => result.status === 'rejected');
    if (failed === undefined) return undefined;
    recorder.record(set, 'Warning', 'FailedDelete', `Error deleting: ${(failed.reason as Error).message}`);
    return { reason: 'FailedDelete', message: (failed.reason as Error).message, error: failed.reason };
  };

  return runController({
    name: 'replicaset',
    sources: [watchFor(sets), watchFor(podInformer, keysOfPod)],
    workers: 8,
    clock,
    logger,
    signal,
    async reconcile(key) {
      const set = sets.get(key);
      if (set === undefined) return expectations.forget(key);
      if (!expectations.areMet(key)) return { requeueAfterMs: 1_000 };
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
