// Keeps every PodDisruptionBudget's count of the disruptions it allows, which evictions take from.
import type { Pod } from '../../../api/kinds/core/index.ts';
import type { ControllerContext } from '../context.ts';
import { deployments, replicaSets, statefulSets } from '../../../api/kinds/apps/index.ts';
import { pods, replicationControllers } from '../../../api/kinds/core/index.ts';
import { podDisruptionBudgets } from '../../../api/kinds/policy/index.ts';
import { controllerOf, keyOf } from '../../../api/meta/object-meta.ts';
import { matchesLabelSelector } from '../../../api/meta/selectors.ts';
import { runController, watchFor } from '../../../machinery/controller.ts';
import { ownerIndexes } from '../ownership.ts';
import { isFinished } from '../pod-state.ts';
import { isSame } from '../same.ts';
import { planBudget } from './plan.ts';

/** Runs until the context's signal aborts. */
export function runDisruptionController(context: ControllerContext): Promise<void> {
  const { client, informers, clock, signal, logger } = context;
  const budgetInformer = informers.of(podDisruptionBudgets);
  const podInformer = informers.of(pods, ownerIndexes);
  const setInformer = informers.of(replicaSets, ownerIndexes);
  const deploymentInformer = informers.of(deployments);
  const statefulInformer = informers.of(statefulSets);
  const rcInformer = informers.of(replicationControllers);

  /** The workload that decides how many pods there should be, as `uid` and size. */
  const workloadOf = (pod: Readonly<Pod>): { uid: string; replicas: number } | undefined => {
    const { namespace } = pod.metadata;
    const owner = controllerOf(pod);
    if (owner === undefined) return undefined;
    const ownerKey = `${namespace}/${owner.name}`;
    if (owner.kind === 'ReplicaSet') {
      const set = setInformer.get(ownerKey);
      const above = set && controllerOf(set);
      const deployment =
        above?.kind === 'Deployment' ? deploymentInformer.get(`${namespace}/${above.name}`) : undefined;
      const sized = deployment ?? set;
      return sized && { uid: sized.metadata.uid, replicas: sized.spec.replicas ?? 1 };
    }
    const sized =
      owner.kind === 'StatefulSet'
        ? statefulInformer.get(ownerKey)
        : owner.kind === 'ReplicationController'
          ? rcInformer.get(ownerKey)
          : undefined;
    return sized && { uid: sized.metadata.uid, replicas: sized.spec?.replicas ?? 1 };
  };
  const expectedOf = (selected: readonly Readonly<Pod>[]): number => {
    const sizes = new Map<string, number>();
    let unmanaged = 0;
    for (const pod of selected) {
      const workload = workloadOf(pod);
      if (workload) sizes.set(workload.uid, workload.replicas);
      else if (!isFinished(pod)) unmanaged++;
    }
    return [...sizes.values()].reduce((sum, size) => sum + size, unmanaged);
  };
  const budgetsOf = (pod: Readonly<Pod>): string[] =>
    budgetInformer
      .list(pod.metadata.namespace)
      .filter(({ spec }) => spec?.selector && matchesLabelSelector(spec.selector, pod.metadata.labels ?? {}))
      .map(keyOf);
  const budgetsOfNamespace = ({ metadata: { namespace } }: { metadata: { namespace?: string } }): string[] =>
    budgetInformer.list(namespace).map(keyOf);

  return runController({
    name: 'disruption',
    sources: [
      watchFor(budgetInformer),
      watchFor(podInformer, budgetsOf),
      watchFor(deploymentInformer, (one, { current, previous }) =>
        current?.spec.replicas === previous?.spec.replicas ? [] : budgetsOfNamespace(one),
      ),
      watchFor(statefulInformer, (one, { current, previous }) =>
        current?.spec.replicas === previous?.spec.replicas ? [] : budgetsOfNamespace(one),
      ),
      watchFor(setInformer, (one, { current, previous }) =>
        current?.spec.replicas === previous?.spec.replicas ? [] : budgetsOfNamespace(one),
      ),
      watchFor(rcInformer, (one, { current, previous }) =>
        current?.spec?.replicas === previous?.spec?.replicas ? [] : budgetsOfNamespace(one),
      ),
    ],
    workers: 2,
    clock,
    logger,
    signal,
    async reconcile(key) {
      const budget = budgetInformer.get(key);
      if (budget === undefined || budget.metadata.deletionTimestamp !== undefined) return;
      const { selector } = budget.spec ?? {};
      const selected = selector
        ? podInformer
            .list(budget.metadata.namespace)
            .filter(({ metadata }) => matchesLabelSelector(selector, metadata.labels ?? {}))
        : [];
      const { status, requeueAfterMs } = planBudget(budget, selected, expectedOf(selected), clock.now());
      if (!isSame(status, budget.status)) {
        await client
          .resource(podDisruptionBudgets, budget.metadata.namespace)
          .updateStatus({ ...budget, status }, { signal });
      }
      return { requeueAfterMs };
    },
  });
}
