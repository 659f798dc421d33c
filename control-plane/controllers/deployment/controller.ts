// Carries out each Deployment's rollout, one safe step after the other, and reports how it goes.
import type { Deployment, ReplicaSet } from '../../../api/kinds/apps/index.ts';
import type { Draft } from '../../../api/meta/object-meta.ts';
import type { ControllerContext } from '../context.ts';
import type { Progress } from './status.ts';
import { deployments, replicaSets } from '../../../api/kinds/apps/index.ts';
import { pods } from '../../../api/kinds/core/index.ts';
import { controllerOf } from '../../../api/meta/object-meta.ts';
import { isApiError } from '../../../api/meta/status.ts';
import { runController, watchFor } from '../../../machinery/controller.ts';
import { keysOfOwned, ownerIndexes, planClaims, syncClaims } from '../ownership.ts';
import { isSameTemplate } from '../pod-template.ts';
import { isSame } from '../same.ts';
import { planDeployment } from './plan.ts';
import { revisionAnnotation } from './revisions.ts';
import { replicasOf } from './rolling.ts';
import { planDeploymentStatus } from './status.ts';

/** Runs until the context's signal aborts. */
export function runDeploymentController(context: ControllerContext): Promise<void> {
  const { client, informers, clock, signal, logger } = context;
  const deploymentInformer = informers.of(deployments);
  const setInformer = informers.of(replicaSets, ownerIndexes);
  const podInformer = informers.of(pods, ownerIndexes);
  const recorder = context.recorder('deployment-controller');

  const keysOfSet = keysOfOwned('Deployment', deploymentInformer);

  /** Makes the new ReplicaSet; a name taken by another counts as a collision, which the next hash avoids. */
  const create = async (deployment: Readonly<Deployment>, draft: Draft<ReplicaSet>): Promise<ReplicaSet> => {
    const api = client.resource(replicaSets, deployment.metadata.namespace);
    try {
      return await api.create(draft, { signal });
    } catch (error) {
      if (!isApiError(error, 'AlreadyExists')) throw error;
      const existing = await api.get(draft.metadata.name ?? '', { signal });
      const isOurs = controllerOf(existing)?.uid === deployment.metadata.uid;
      if (isOurs && existing.spec.template && isSameTemplate(existing.spec.template, deployment.spec.template))
        return existing;
      const status = { ...deployment.status, collisionCount: (deployment.status?.collisionCount ?? 0) + 1 };
      await client
        .resource(deployments, deployment.metadata.namespace)
        .updateStatus({ ...deployment, status }, { signal });
      throw error;
    }
  };
  const tellScaling = (deployment: Readonly<Deployment>, set: Readonly<ReplicaSet>, from: number, to: number): void => {
    if (from === to) return;
    const direction = to > from ? 'up' : 'down';
    recorder.record(
      deployment,
      'Normal',
      'ScalingReplicaSet',
      `Scaled ${direction} replica set ${set.metadata.name} from ${from} to ${to}`,
    );
  };

  const reconcile = async (key: string): Promise<{ requeueAfterMs?: number } | void> => {
    let deployment = deploymentInformer.get(key);
    if (deployment === undefined) return;
    const { namespace } = deployment.metadata;
    const api = client.resource(deployments, namespace);
    const setApi = client.resource(replicaSets, namespace);
    const claims = planClaims(deployment, deployment.spec.selector, setInformer);
    const sets = new Map(
      (await syncClaims(deployment, api, claims, setApi, signal)).map((set) => [set.metadata.name, set]),
    );
    const plan = planDeployment(deployment, [...sets.values()], (set) =>
      podInformer.byIndex('controller', set.metadata.uid),
    );

    let { newSet } = plan;
    let progress: Progress | undefined = newSet && {
      reason: 'FoundNewReplicaSet',
      message: `Found new replica set "${newSet.metadata.name}"`,
    };
    if (plan.create) {
      newSet = await create(deployment, plan.create);
      sets.set(newSet.metadata.name, newSet);
      progress = { reason: 'NewReplicaSetCreated', message: `Created new replica set "${newSet.metadata.name}"` };
      tellScaling(deployment, newSet, 0, replicasOf(newSet));
    }
    for (const { from, to } of plan.update) {
      const updated = await setApi.update(to, { signal });
      sets.set(updated.metadata.name, updated);
      if (from === newSet) newSet = updated;
      tellScaling(deployment, from, replicasOf(from), replicasOf(to));
    }
    for (const set of plan.delete) {
      const { name, uid, resourceVersion } = set.metadata;
      await setApi.delete(name, { preconditions: { uid, resourceVersion }, propagationPolicy: 'Background', signal });
      sets.delete(name);
    }
    if (plan.revision !== undefined) {
      const { uid, resourceVersion } = deployment.metadata;
      const body = { metadata: { uid, resourceVersion, annotations: { [revisionAnnotation]: String(plan.revision) } } };
      deployment = await api.patch(deployment.metadata.name, { type: 'merge', body }, { signal });
    }
    const { status, requeueAfterMs } = planDeploymentStatus(
      deployment,
      [...sets.values()],
      newSet,
      clock.now(),
      progress,
    );
    if (!isSame(status, deployment.status)) await api.updateStatus({ ...deployment, status }, { signal });
    return { requeueAfterMs };
  };

  return runController({
    name: 'deployment',
    sources: [
      watchFor(deploymentInformer),
      watchFor(setInformer, keysOfSet),
      // Recreate waits for the old pods to go.
      watchFor(podInformer, (pod, change) => {
        if (change.current !== undefined) return [];
        const owner = controllerOf(pod);
        const set =
          owner?.kind === 'ReplicaSet' ? setInformer.get(`${pod.metadata.namespace}/${owner.name}`) : undefined;
        return set ? keysOfSet(set) : [];
      }),
    ],
    workers: 4,
    clock,
    logger,
    signal,
    reconcile,
  });
}
