// The next step of a Deployment's rollout, decided from what exists: which ReplicaSet to make, how large each should be,
// which old ones to forget. A step never breaks the limits of the strategy; the plan after its own effect is empty.
import type { Deployment, ReplicaSet } from '../../../api/kinds/apps/index.ts';
import type { Pod } from '../../../api/kinds/core/index.ts';
import type { Draft } from '../../../api/meta/object-meta.ts';
import type { Size } from './rolling.ts';
import { isFinished } from '../pod-state.ts';
import { isSame } from '../same.ts';
import {
  byRevision,
  desiredAnnotation,
  findNewSet,
  maxAnnotation,
  newSetAnnotations,
  newSetOf,
  nextRevision,
  revisionOf,
  sizeAnnotations,
} from './revisions.ts';
import { byCreation, newSetSize, replicasOf, scaleProportionally, shrinkOldSets, sumReplicas } from './rolling.ts';
import { isComplete } from './status.ts';

export interface DeploymentPlan {
  /** The ReplicaSet that has the Deployment's template, if it exists. */
  newSet?: Readonly<ReplicaSet>;
  /** The one to make, if not. */
  create?: Draft<ReplicaSet>;
  /** ReplicaSets as they should be; the state before is beside them, for the event. */
  update: { from: Readonly<ReplicaSet>; to: ReplicaSet }[];
  delete: Readonly<ReplicaSet>[];
  /** The revision that the Deployment itself should carry. */
  revision?: bigint;
}

/** @param podsOf the pods of a ReplicaSet, for Recreate to wait until the old ones have gone */
export function planDeployment(
  deployment: Readonly<Deployment>,
  sets: readonly Readonly<ReplicaSet>[],
  podsOf: (set: Readonly<ReplicaSet>) => readonly Readonly<Pod>[],
): DeploymentPlan {
  const newSet = findNewSet(deployment, sets);
  const oldSets = sets.filter((set) => set !== newSet);
  if (deployment.metadata.deletionTimestamp !== undefined) return { newSet, update: [], delete: [] };
  const revision = nextRevision(oldSets);
  const plan: DeploymentPlan = { newSet, update: [], delete: [] };
  const sizes = new Map<Readonly<ReplicaSet>, number>();
  const resize = (changes: readonly Size[]): void => changes.forEach(({ set, replicas }) => sizes.set(set, replicas));

  const isRecreate = deployment.spec.strategy?.type === 'Recreate';
  if (deployment.spec.paused || (!isRecreate && wasScaled(deployment, sets))) {
    resize(scaleOnly(deployment, newSet, oldSets));
    if (deployment.spec.paused) plan.delete = expendable(deployment, oldSets);
  } else if (isRecreate) {
    const isClear = oldSets.every((set) => replicasOf(set) === 0 && podsOf(set).every(isFinished));
    if (!isClear) resize(oldSets.map((set) => ({ set, replicas: 0 })));
    else if (newSet) sizes.set(newSet, replicasOf(deployment));
    else plan.create = newSetOf(deployment, revision, replicasOf(deployment));
  } else {
    rollOn(deployment, newSet, oldSets, revision, plan, sizes);
  }
  if (!deployment.spec.paused && isComplete(deployment, deployment.status))
    plan.delete = expendable(deployment, oldSets);

  for (const set of sets) {
    const to = revised(deployment, set, set === newSet ? revision : undefined, sizes.get(set));
    if (to !== undefined) plan.update.push({ from: set, to });
  }
  const known = plan.create ?? plan.update.find(({ from }) => from === newSet)?.to ?? newSet;
  if (known && revisionOf(known as ReplicaSet) !== revisionOf(deployment))
    plan.revision = revisionOf(known as ReplicaSet);
  return plan;
}

/** Whether `replicas` changed since the active sets got their sizes. */
function wasScaled(deployment: Readonly<Deployment>, sets: readonly Readonly<ReplicaSet>[]): boolean {
  return sets.some((set) => {
    const desired = set.metadata.annotations?.[desiredAnnotation];
    return replicasOf(set) > 0 && desired !== undefined && Number(desired) !== replicasOf(deployment);
  });
}

/** One step of a rolling update: the new set grows, or else the old ones shrink. */
function rollOn(
  deployment: Readonly<Deployment>,
  newSet: Readonly<ReplicaSet> | undefined,
  oldSets: readonly Readonly<ReplicaSet>[],
  revision: bigint,
  plan: DeploymentPlan,
  sizes: Map<Readonly<ReplicaSet>, number>,
): void {
  const total = sumReplicas(oldSets) + (newSet ? replicasOf(newSet) : 0);
  const size = newSetSize(deployment, newSet ? replicasOf(newSet) : 0, total);
  if (newSet === undefined) {
    plan.create = newSetOf(deployment, revision, size);
    const upcoming = { ...plan.create, status: undefined } as ReplicaSet;
    for (const change of shrinkOldSets(deployment, upcoming, oldSets)) sizes.set(change.set, change.replicas);
  } else if (size !== replicasOf(newSet)) {
    sizes.set(newSet, size);
  } else {
    for (const change of shrinkOldSets(deployment, newSet, oldSets)) sizes.set(change.set, change.replicas);
  }
}

/** Scaling outside a rollout's steps: the only active set takes all; a rollout that is under way keeps its proportions. */
function scaleOnly(
  deployment: Readonly<Deployment>,
  newSet: Readonly<ReplicaSet> | undefined,
  oldSets: readonly Readonly<ReplicaSet>[],
): Size[] {
  const wanted = replicasOf(deployment);
  const all = newSet ? [...oldSets, newSet] : [...oldSets];
  const active = all.filter((set) => replicasOf(set) > 0);
  const latest = newSet ?? [...oldSets].sort(byCreation).at(-1);
  if (active.length <= 1) {
    const set = active[0] ?? latest;
    return set ? [{ set, replicas: wanted }] : [];
  }
  if (newSet && isSaturated(deployment, newSet)) return oldSets.map((set) => ({ set, replicas: 0 }));
  if (deployment.spec.strategy?.type === 'Recreate') return [];
  return scaleProportionally(deployment, all, (set) => {
    const text = set.metadata.annotations?.[maxAnnotation];
    return text === undefined ? undefined : Number(text);
  });
}

function isSaturated(deployment: Readonly<Deployment>, set: Readonly<ReplicaSet>): boolean {
  const wanted = replicasOf(deployment);
  const desired = Number(set.metadata.annotations?.[desiredAnnotation] ?? NaN);
  return replicasOf(set) === wanted && desired === wanted && (set.status?.availableReplicas ?? 0) === wanted;
}

/** Old, empty sets beyond the revision history's limit, the earliest revisions first. */
function expendable(
  deployment: Readonly<Deployment>,
  oldSets: readonly Readonly<ReplicaSet>[],
): Readonly<ReplicaSet>[] {
  const limit = deployment.spec.revisionHistoryLimit ?? 10;
  const alive = oldSets.filter((set) => set.metadata.deletionTimestamp === undefined);
  const surplus = alive.length - limit;
  if (surplus <= 0) return [];
  const earliest = [...alive].sort((a, b) => byRevision(a, b) || byCreation(a, b)).slice(0, surplus);
  return earliest.filter(
    (set) =>
      replicasOf(set) === 0 &&
      (set.status?.replicas ?? 0) === 0 &&
      (set.metadata.generation ?? 0) <= (set.status?.observedGeneration ?? 0),
  );
}

/** The set with its new size and annotations, or nothing when all is as it should be. */
function revised(
  deployment: Readonly<Deployment>,
  set: Readonly<ReplicaSet>,
  revision: bigint | undefined,
  size: number | undefined,
): ReplicaSet | undefined {
  const known = set.metadata.annotations ?? {};
  const replicas = size ?? replicasOf(set);
  const annotations = {
    ...(revision === undefined ? known : newSetAnnotations(deployment, known, revision)),
    ...(size === undefined ? {} : sizeAnnotations(deployment)),
  };
  const minReadySeconds = revision === undefined ? set.spec.minReadySeconds : deployment.spec.minReadySeconds;
  const sameReady = (minReadySeconds ?? 0) === (set.spec.minReadySeconds ?? 0);
  if (replicas === replicasOf(set) && sameReady && isSame(annotations, known)) return undefined;
  return { ...set, metadata: { ...set.metadata, annotations }, spec: { ...set.spec, replicas, minReadySeconds } };
}
