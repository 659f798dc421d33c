// Keeps the pods of StatefulSets, each with its name, its claims and its turn.
import type { ControllerRevision, StatefulSet } from '../../../api/kinds/apps/index.ts';
import type { Pod } from '../../../api/kinds/core/index.ts';
import type { ControllerContext } from '../context.ts';
import type { Revisioned } from '../revision-history.ts';
import { controllerRevisions, statefulSets } from '../../../api/kinds/apps/index.ts';
import { persistentVolumeClaims, pods } from '../../../api/kinds/core/index.ts';
import { isApiError } from '../../../api/meta/status.ts';
import { runController, watchFor } from '../../../machinery/controller.ts';
import { keysOfOwned, ownerIndexes, planClaims, syncClaims } from '../ownership.ts';
import { createPodControl, isNamespaceLeaving } from '../pod-control.ts';
import { createRevisionHistory, revisionHashLabel, templateOf } from '../revision-history.ts';
import { isSame } from '../same.ts';
import { claimNameOf, claimOwners, claimsOf, ordinalOf, ordinalsOf, statefulPod } from './identity.ts';
import { planStatefulSet, planStatefulSetStatus } from './plan.ts';

/** Runs until the context's signal aborts. */
export function runStatefulSetController(context: ControllerContext): Promise<void> {
  const { client, informers, clock, signal, logger } = context;
  const setInformer = informers.of(statefulSets);
  const podInformer = informers.of(pods, ownerIndexes);
  const claimInformer = informers.of(persistentVolumeClaims);
  const revisionInformer = informers.of(controllerRevisions, ownerIndexes);
  const history = createRevisionHistory(context);
  const control = createPodControl(context, 'statefulset-controller');
  const recorder = context.recorder('statefulset-controller');

  const makeClaims = async (set: Readonly<StatefulSet>, ordinal: number): Promise<void> => {
    const api = client.resource(persistentVolumeClaims, set.metadata.namespace);
    for (const claim of claimsOf(set, ordinal)) {
      if (claimInformer.get(`${set.metadata.namespace}/${claim.metadata.name}`)) continue;
      const ownerReferences = claimOwners(set, undefined, false);
      try {
        await api.create(
          { ...claim, metadata: { ...claim.metadata, ...(ownerReferences.length > 0 ? { ownerReferences } : {}) } },
          { signal },
        );
        recorder.record(
          set,
          'Normal',
          'SuccessfulCreate',
          `create Claim ${claim.metadata.name} Pod ${set.metadata.name}-${ordinal} in StatefulSet ${set.metadata.name} success`,
        );
      } catch (error) {
        if (!isApiError(error, 'AlreadyExists')) throw error;
      }
    }
  };
  /** Makes the owners of claims what the retention policy says. */
  const keepClaimOwners = async (set: Readonly<StatefulSet>, mine: readonly Readonly<Pod>[]): Promise<void> => {
    if ((set.spec.volumeClaimTemplates ?? []).length === 0) return;
    const wanted = new Set(ordinalsOf(set));
    const api = client.resource(persistentVolumeClaims, set.metadata.namespace);
    for (const pod of mine) {
      const ordinal = ordinalOf(set, pod);
      for (const template of set.spec.volumeClaimTemplates ?? []) {
        const claim = claimInformer.get(
          `${set.metadata.namespace}/${claimNameOf(set, template.metadata.name ?? '', ordinal)}`,
        );
        if (claim === undefined || claim.metadata.deletionTimestamp !== undefined) continue;
        const known = claim.metadata.ownerReferences ?? [];
        const others = known.filter(({ uid }) => uid !== set.metadata.uid && uid !== pod.metadata.uid);
        const ownerReferences = [...others, ...claimOwners(set, pod, !wanted.has(ordinal))];
        if (
          isSame(
            ownerReferences.map(({ uid }) => uid),
            known.map(({ uid }) => uid),
          )
        )
          continue;
        await api.update({ ...claim, metadata: { ...claim.metadata, ownerReferences } }, { signal });
      }
    }
  };

  const reconcile = async (key: string): Promise<{ requeueAfterMs?: number } | void> => {
    const set = setInformer.get(key);
    if (set === undefined) return control.forget(key);
    if (!control.isCurrent(key)) return { requeueAfterMs: 1_000 };
    const setApi = client.resource(statefulSets, set.metadata.namespace);
    const claims = planClaims(set, set.spec.selector, podInformer);
    // Only pods of the set's own names are its business.
    claims.adopt = claims.adopt.filter((pod) => ordinalOf(set, pod) >= 0);
    const mine = await syncClaims(set, setApi, claims, client.resource(pods, set.metadata.namespace), signal);
    const { present: update, all } = await history.sync(set as Readonly<Revisioned>);
    const current: Readonly<ControllerRevision> =
      all.find(({ metadata }) => metadata.name === set.status?.currentRevision) ?? update;
    const revisions = { current: current.metadata.name, update: update.metadata.name };
    const plan = planStatefulSet(set, mine, revisions, clock.now());

    await keepClaimOwners(set, mine);
    for (const { ordinal, revision } of plan.create) {
      const by = revision === 'current' ? current : update;
      await makeClaims(set, ordinal);
      try {
        await control.create(set, statefulPod(set, ordinal, templateOf(by) ?? set.spec.template, by.metadata.name));
      } catch (error) {
        // Our pod, not yet in the cache, or one of the same name that is still leaving.
        if (!isApiError(error, 'AlreadyExists') && !isNamespaceLeaving(error)) throw error;
      }
    }
    await Promise.all(plan.delete.map((pod) => control.delete(set, pod)));
    const inUse = new Set([
      revisions.current,
      revisions.update,
      ...mine.map(({ metadata }) => metadata.labels?.[revisionHashLabel] ?? ''),
    ]);
    await history.trim(set as Readonly<Revisioned>, (name) => inUse.has(name));
    const { status, requeueAfterMs } = planStatefulSetStatus(set, mine, revisions, clock.now());
    if (!isSame(status, set.status)) await setApi.updateStatus({ ...set, status }, { signal });
    return { requeueAfterMs };
  };

  return runController({
    name: 'statefulset',
    sources: [
      watchFor(setInformer),
      watchFor(podInformer, keysOfOwned('StatefulSet', setInformer)),
      watchFor(revisionInformer, keysOfOwned('StatefulSet', setInformer)),
      { whenSynced: (until) => claimInformer.whenSynced(until), start: () => () => undefined },
    ],
    workers: 4,
    clock,
    logger,
    signal,
    reconcile,
  });
}
