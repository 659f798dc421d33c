// The arithmetic of a rolling update: how far the new ReplicaSet may grow and the old ones must shrink, so that never
// more than replicas + maxSurge pods exist nor fewer than replicas − maxUnavailable are available. Upstream's formulas
// (pkg/controller/deployment/rolling.go and util/deployment_util.go). Pure.
import type { Deployment, ReplicaSet } from '../../../api/kinds/apps/index.ts';
import { scaledValue } from '../../../api/meta/int-or-string.ts';

export interface Limits {
  maxSurge: number;
  maxUnavailable: number;
}

/** A planned size of a ReplicaSet. */
export interface Size {
  set: Readonly<ReplicaSet>;
  replicas: number;
}

/** The two limits as numbers of pods: surge rounds up, unavailable down; both zero would never move. */
export function limitsOf(deployment: Readonly<Deployment>): Limits {
  const replicas = replicasOf(deployment);
  const rolling = deployment.spec.strategy?.rollingUpdate;
  if (deployment.spec.strategy?.type === 'Recreate') return { maxSurge: 0, maxUnavailable: 0 };
  const maxSurge = scaledValue(rolling?.maxSurge ?? '25%', replicas, 'up') ?? 0;
  const maxUnavailable = scaledValue(rolling?.maxUnavailable ?? '25%', replicas, 'down') ?? 0;
  return maxSurge === 0 && maxUnavailable === 0
    ? { maxSurge, maxUnavailable: 1 }
    : { maxSurge, maxUnavailable: Math.min(maxUnavailable, replicas) };
}

export function replicasOf(owner: { readonly spec: { readonly replicas?: number } }): number {
  return owner.spec.replicas ?? 1;
}

export function sumReplicas(sets: readonly Readonly<ReplicaSet>[]): number {
  return sets.reduce((sum, set) => sum + replicasOf(set), 0);
}

export function sumAvailable(sets: readonly Readonly<ReplicaSet>[]): number {
  return sets.reduce((sum, set) => sum + (set.status?.availableReplicas ?? 0), 0);
}

/** The size that the new ReplicaSet may have now, given that all sets together have `total` pods. */
export function newSetSize(deployment: Readonly<Deployment>, current: number, total: number): number {
  const wanted = replicasOf(deployment);
  if (deployment.spec.strategy?.type === 'Recreate') return wanted;
  if (current >= wanted) return wanted;
  const room = wanted + limitsOf(deployment).maxSurge - total;
  return room <= 0 ? current : current + Math.min(room, wanted - current);
}

/** How the old sets shrink in one step: what is not available goes first, then as much as availability allows. */
export function shrinkOldSets(
  deployment: Readonly<Deployment>,
  newSet: Readonly<ReplicaSet> | undefined,
  oldSets: readonly Readonly<ReplicaSet>[],
): Size[] {
  const all = newSet ? [...oldSets, newSet] : [...oldSets];
  if (sumReplicas(oldSets) === 0) return [];
  const minAvailable = replicasOf(deployment) - limitsOf(deployment).maxUnavailable;
  const newUnavailable = newSet ? replicasOf(newSet) - (newSet.status?.availableReplicas ?? 0) : 0;
  let cleanable = sumReplicas(all) - minAvailable - newUnavailable;
  if (cleanable <= 0) return [];

  const sizes = new Map<Readonly<ReplicaSet>, number>();
  const oldest = [...oldSets].sort(byCreation);
  for (const set of oldest) {
    const unhealthy = replicasOf(set) - (set.status?.availableReplicas ?? 0);
    const cleaned = Math.max(Math.min(unhealthy, cleanable), 0);
    sizes.set(set, replicasOf(set) - cleaned);
    cleanable -= cleaned;
  }
  let spare = sumAvailable(all) - minAvailable;
  for (const set of oldest) {
    if (spare <= 0) break;
    const size = sizes.get(set) ?? 0;
    const taken = Math.min(size, spare);
    sizes.set(set, size - taken);
    spare -= taken;
  }
  return changed(oldest.map((set) => ({ set, replicas: sizes.get(set) ?? 0 })));
}

/** Spreads a change of `replicas` in the middle of a rollout over all active sets, in proportion to their sizes. */
export function scaleProportionally(
  deployment: Readonly<Deployment>,
  sets: readonly Readonly<ReplicaSet>[],
  maxReplicasOf: (set: Readonly<ReplicaSet>) => number | undefined,
): Size[] {
  const wanted = replicasOf(deployment);
  const limit = wanted > 0 ? wanted + limitsOf(deployment).maxSurge : 0;
  const active = sets.filter((set) => replicasOf(set) > 0);
  const toAdd = limit - sumReplicas(active);
  const sign = toAdd > 0 ? 1 : -1;
  const sorted = [...active].sort(
    (a, b) => replicasOf(b) - replicasOf(a) || (toAdd > 0 ? byCreation(b, a) : byCreation(a, b)),
  );
  let added = 0;
  const sizes = sorted.map((set) => {
    const share = shareOf(set, wanted, limit, maxReplicasOf(set) ?? deployment.status?.replicas ?? 0);
    const left = toAdd - added;
    const part = toAdd === 0 || left === 0 ? 0 : sign > 0 ? Math.min(share, left) : Math.max(share, left);
    added += part;
    return { set, replicas: replicasOf(set) + part };
  });
  const first = sizes[0];
  if (first) first.replicas = Math.max(first.replicas + toAdd - added, 0);
  return sizes;
}

function shareOf(set: Readonly<ReplicaSet>, wanted: number, limit: number, limitBefore: number): number {
  if (wanted === 0) return -replicasOf(set);
  if (limitBefore === 0) return 0;
  return Math.round((replicasOf(set) * limit) / limitBefore) - replicasOf(set);
}

export function byCreation(a: Readonly<ReplicaSet>, b: Readonly<ReplicaSet>): number {
  return (
    Date.parse(a.metadata.creationTimestamp) - Date.parse(b.metadata.creationTimestamp) ||
    (a.metadata.name < b.metadata.name ? -1 : 1)
  );
}

export function changed(sizes: readonly Size[]): Size[] {
  return sizes.filter(({ set, replicas }) => replicasOf(set) !== replicas);
}
