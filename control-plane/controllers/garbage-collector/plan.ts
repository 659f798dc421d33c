// What becomes of an object whose owners are in a given state (upstream's attemptToDeleteItem). Pure.
import type { ObjectMeta, OwnerReference } from '../../../api/meta/object-meta.ts';

export const foregroundFinalizer = 'foregroundDeletion';
export const orphanFinalizer = 'orphan';

/** `solid` exists; `absent` does not; `waiting` is being deleted and waits for its dependents. */
export type OwnerState = 'solid' | 'absent' | 'waiting';

export type GarbagePlan =
  | { do: 'nothing' }
  /** The references to these owners go; others keep the object. */
  | { do: 'release'; uids: string[] }
  /** `unblock`: first let go of the owners' deletion, as the object's own dependents wait in a circle. */
  | { do: 'delete'; policy: 'Background' | 'Foreground' | 'Orphan'; unblock?: boolean };

/**
 * @param stateOf the state of each owner
 * @param dependents how many objects the object owns, and whether one of those waits for its own dependents
 */
export function planGarbage(
  metadata: Pick<ObjectMeta, 'ownerReferences' | 'finalizers'>,
  stateOf: (owner: OwnerReference) => OwnerState,
  dependents: { count: number; isAnyDeleting: boolean },
): GarbagePlan {
  const owners = metadata.ownerReferences ?? [];
  if (owners.length === 0) return { do: 'nothing' };
  const states = owners.map((owner) => ({ uid: owner.uid, state: stateOf(owner) }));
  const isSolid = states.some(({ state }) => state === 'solid');
  const loose = states.filter(({ state }) => state !== 'solid');
  if (isSolid) return loose.length > 0 ? { do: 'release', uids: loose.map(({ uid }) => uid) } : { do: 'nothing' };
  if (states.some(({ state }) => state === 'waiting') && dependents.count > 0) {
    return { do: 'delete', policy: 'Foreground', ...(dependents.isAnyDeleting ? { unblock: true } : {}) };
  }
  if (metadata.finalizers?.includes(orphanFinalizer)) return { do: 'delete', policy: 'Orphan' };
  if (metadata.finalizers?.includes(foregroundFinalizer)) return { do: 'delete', policy: 'Foreground' };
  return { do: 'delete', policy: 'Background' };
}
