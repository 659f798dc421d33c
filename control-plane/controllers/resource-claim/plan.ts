// ResourceClaims made from templates, and claims whose users are gone. Pure.
import type { Pod } from '../../../api/kinds/core/index.ts';
import type { ResourceClaim, ResourceClaimTemplate } from '../../../api/kinds/resource/index.ts';
import type { Draft } from '../../../api/meta/object-meta.ts';
import { controllerOf } from '../../../api/meta/object-meta.ts';
import { isDone, podClaimAnnotation } from '../../scheduler/dynamic-resources/pod-claims.ts';

/** Leaves room for five random characters in a name of 63. */
const longestBase = 57;

/** The claim that a pod needs under one of its own names. */
export function claimFromTemplate(
  pod: Readonly<Pod>,
  podClaimName: string,
  template: Readonly<ResourceClaimTemplate>,
): Draft<ResourceClaim> {
  const { name, namespace, uid } = pod.metadata;
  const { metadata, spec } = template.spec;
  return {
    metadata: {
      namespace,
      generateName: baseName(name, podClaimName),
      labels: metadata?.labels && { ...metadata.labels },
      annotations: { ...metadata?.annotations, [podClaimAnnotation]: podClaimName },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name, uid, controller: true, blockOwnerDeletion: true }],
    },
    spec: structuredClone(spec) as ResourceClaim['spec'],
  };
}

/** Both names, shortened in proportion where they are too long. */
function baseName(podName: string, claimName: string): string {
  const whole = `${podName}-${claimName}-`;
  if (whole.length <= longestBase) return whole;
  const part = (text: string): string => text.slice(0, Math.floor((text.length * longestBase) / whole.length));
  return `${part(podName)}-${part(claimName)}`;
}

export interface ClaimCleanup {
  /** The users that are left, when some are gone. */
  readonly reservedFor?: NonNullable<ResourceClaim['status']>['reservedFor'];
  /** Nobody uses it any more: its devices become free. */
  readonly deallocate: boolean;
  /** It was made for a pod that will not use it. */
  readonly remove: boolean;
}

/**
 * What becomes of a claim.
 * @param podOf a user of the claim as the cache has it; undefined only when it is certain that there is none
 */
export function planCleanup(
  claim: Readonly<ResourceClaim>,
  podOf: (name: string) => Readonly<Pod> | undefined,
): ClaimCleanup {
  const users = claim.status?.reservedFor ?? [];
  const left = users.filter(({ apiGroup, resource, name, uid }) => {
    if (apiGroup || resource !== 'pods') return true;
    const pod = podOf(name);
    return pod !== undefined && pod.metadata.uid === uid && !isDone(pod);
  });
  const isUnused = left.length === 0;
  const isLeaving = claim.metadata.deletionTimestamp !== undefined;
  const owner = controllerOf(claim);
  const owning = owner?.kind === 'Pod' ? podOf(owner.name) : undefined;
  // A pod that is gone takes its claims along by garbage collection.
  const isForsaken = owning !== undefined && (owning.metadata.uid !== owner?.uid || isDone(owning));
  return {
    reservedFor: left.length < users.length ? left : undefined,
    deallocate: isUnused && (users.length > 0 || isLeaving),
    remove: isUnused && isForsaken && !isLeaving,
  };
}
