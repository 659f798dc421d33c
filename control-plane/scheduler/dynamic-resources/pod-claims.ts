// Which ResourceClaims a pod uses, under which names, and who holds a claim. Pure; the rules of upstream's resourceclaim
// helpers.
import type { Pod } from '../../../api/kinds/core/index.ts';
import type { ResourceClaim } from '../../../api/kinds/resource/index.ts';
import { controllerOf } from '../../../api/meta/object-meta.ts';

/** On a claim made from a template: the pod's own name for it. */
export const podClaimAnnotation = 'resource.kubernetes.io/pod-claim-name';
/** Keeps a claim while it is allocated. */
export const claimFinalizer = 'resource.kubernetes.io/delete-protection';
const mostReservations = 256;

export interface PodClaim {
  /** The pod's own name for the claim. */
  readonly name: string;
  /** The ResourceClaim's name; undefined while it is still to be made from the template. */
  readonly claimName: string | undefined;
  /** Set when the claim is made for this pod alone. */
  readonly templateName: string | undefined;
}

/** A pod's claims; those that were found not to be needed are left out. */
export function podClaimsOf(pod: Readonly<Pod>): PodClaim[] {
  return (pod.spec.resourceClaims ?? []).flatMap(({ name, resourceClaimName, resourceClaimTemplateName }) => {
    if (resourceClaimName) return [{ name, claimName: resourceClaimName, templateName: undefined }];
    const made = pod.status?.resourceClaimStatuses?.find((status) => status.name === name);
    if (made && !made.resourceClaimName) return [];
    return [{ name, claimName: made?.resourceClaimName, templateName: resourceClaimTemplateName }];
  });
}

/** Whether a claim was made for this very pod. */
export function isMadeFor(pod: Readonly<Pod>, claim: Readonly<ResourceClaim>): boolean {
  return controllerOf(claim)?.uid === pod.metadata.uid;
}

/** Whether the pod is among those that use the claim. */
export function isReservedFor(pod: Readonly<Pod>, claim: Readonly<ResourceClaim>): boolean {
  return (claim.status?.reservedFor ?? []).some(({ uid }) => uid === pod.metadata.uid);
}

/** Whether one more user fits. */
export function canBeReserved(claim: Readonly<ResourceClaim>): boolean {
  return (claim.status?.reservedFor ?? []).length < mostReservations;
}

/** How a pod stands in `reservedFor`. */
export function consumerOf(pod: Readonly<Pod>): { resource: string; name: string; uid: string } {
  return { resource: 'pods', name: pod.metadata.name, uid: pod.metadata.uid };
}

/** Whether a pod will never (again) use its claims: it ended, or leaves without ever having had a node. */
export function isDone(pod: Readonly<Pod>): boolean {
  const hasEnded = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
  return hasEnded || (pod.metadata.deletionTimestamp !== undefined && !pod.spec.nodeName);
}
