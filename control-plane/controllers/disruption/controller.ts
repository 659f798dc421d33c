// Keeps every PodDisruptionBudget's count of the disruptions it allows, which evictions take from.
import type { Pod } from '../../../api/kinds/core/index.ts';
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../../api/kinds/policy/index.ts';
import type { OwnerReference } from '../../../api/meta/object-meta.ts';
import type { ControllerContext } from '../context.ts';
import { deployments, replicaSets, statefulSets } from '../../../api/kinds/apps/index.ts';
import { pods, replicationControllers } from '../../../api/kinds/core/index.ts';
import { podDisruptionBudgets } from '../../../api/kinds/policy/index.ts';
import { controllerOf, keyOf } from '../../../api/meta/object-meta.ts';
import { isApiError } from '../../../api/meta/status.ts';
import { matchesLabelSelector } from '../../../api/meta/selectors.ts';
import { runController, watchFor } from '../../../machinery/controller.ts';
import { ownerIndexes } from '../ownership.ts';
import { isSame } from '../same.ts';
import { createScales } from '../scales.ts';
import { needsScale, planBudget, planUnknownBudget } from './plan.ts';

interface Workload {
  readonly uid: string;
  readonly replicas: number;
}

/** Runs until the context's signal aborts. */
export function runDisruptionController(context: ControllerContext): Promise<void> {
  const { client, informers, clock, signal, logger } = context;
  const budgetInformer = informers.of(podDisruptionBudgets);
  const podInformer = informers.of(pods, ownerIndexes);
  const setInformer = informers.of(replicaSets, ownerIndexes);
  const deploymentInformer = informers.of(deployments);
  const statefulInformer = informers.of(statefulSets);
  const rcInformer = informers.of(replicationControllers);
  const recorder = context.recorder('controllermanager');

  const scales = createScales(client, signal);

  /** The workload that decides how many pods there should be, as `uid` and size; any other kind is asked for its scale. */
  const workloadOf = async (namespace: string, owner: OwnerReference): Promise<Workload | undefined> => {
    const ownerKey = `${namespace}/${owner.name}`;
    const sized = (
      one: { metadata: { uid: string }; spec?: { replicas?: number } } | undefined,
    ): Workload | undefined =>
      one && one.metadata.uid === owner.uid ? { uid: one.metadata.uid, replicas: one.spec?.replicas ?? 1 } : undefined;
    if (owner.kind === 'ReplicaSet' && owner.apiVersion === 'apps/v1') {
      const set = setInformer.get(ownerKey);
      const above = set && set.metadata.uid === owner.uid ? controllerOf(set) : undefined;
      if (above === undefined) return sized(set);
      return workloadOf(namespace, above);
    }
    if (owner.kind === 'Deployment' && owner.apiVersion === 'apps/v1') return sized(deploymentInformer.get(ownerKey));
    if (owner.kind === 'StatefulSet' && owner.apiVersion === 'apps/v1') return sized(statefulInformer.get(ownerKey));
    if (owner.kind === 'ReplicationController' && owner.apiVersion === 'v1') return sized(rcInformer.get(ownerKey));
    const scale = await scales.get(namespace, owner);
    return scale.metadata.uid === owner.uid ? { uid: owner.uid, replicas: scale.spec.replicas ?? 0 } : undefined;
  };
  /** How many pods their workloads want in all; pods that nobody manages do not count. Throws where it cannot be told. */
  const expectedOf = async (
    namespace: string,
    selected: readonly Readonly<Pod>[],
  ): Promise<{ expected: number; unmanaged: string[] }> => {
    const sizes = new Map<string, number>();
    const asked = new Set<string>();
    const unmanaged: string[] = [];
    for (const pod of selected) {
      const owner = controllerOf(pod);
      if (owner === undefined) unmanaged.push(pod.metadata.name);
      else if (!asked.has(owner.uid)) {
        asked.add(owner.uid);
        const workload = await workloadOf(namespace, owner);
        if (workload === undefined) throw new Error(`found no controllers for pod "${pod.metadata.name}"`);
        sizes.set(workload.uid, workload.replicas);
      }
    }
    return { expected: [...sizes.values()].reduce((sum, size) => sum + size, 0), unmanaged };
  };
  const writeStatus = async (
    budget: Readonly<PodDisruptionBudget>,
    status: PodDisruptionBudgetStatus,
  ): Promise<void> => {
    if (isSame(status, budget.status)) return;
    await client
      .resource(podDisruptionBudgets, budget.metadata.namespace)
      .updateStatus({ ...budget, status }, { signal });
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
      if (selected.length === 0) recorder.record(budget, 'Normal', 'NoPods', 'No matching pods found');
      try {
        const { expected, unmanaged } = needsScale(budget)
          ? await expectedOf(budget.metadata.namespace ?? '', selected)
          : { expected: selected.length, unmanaged: [] };
        if (unmanaged.length > 0) recorder.record(budget, 'Warning', 'UnmanagedPods', unmanagedMessage(unmanaged));
        const { status, requeueAfterMs } = planBudget(budget, selected, expected, clock.now());
        await writeStatus(budget, status);
        return { requeueAfterMs };
      } catch (error) {
        if (signal.aborted || isApiError(error, 'Conflict')) throw error;
        // What cannot be told allows nothing.
        const { message } = error as Error;
        const words = `Failed to calculate the number of expected pods: ${message}`;
        recorder.record(budget, 'Warning', 'CalculateExpectedPodCountFailed', words);
        await writeStatus(budget, planUnknownBudget(budget, message, clock.now()));
        throw error;
      }
    },
  });
}

function unmanagedMessage(names: readonly string[]): string {
  return (
    'Pods selected by this PodDisruptionBudget were found to be unmanaged. As a result, the status of the PDB cannot be ' +
    'calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" ' +
    `field of the PDB to an integer value: ${[...names].sort().slice(0, 10).join(', ')}`
  );
}
