// Read-your-writes for controllers that count: whether a cache has caught up with what this controller did for a key.
// Exact where upstream's expectations count and time out: every write of one store has a revision, and a cache that has
// reached the revision has seen the write. Deletions are known by uid, as their revision is not always told.
import type { KubernetesObject } from '../../api/meta/object-meta.ts';
import type { Informer } from '../../machinery/informer.ts';
import { keyOf } from '../../api/meta/object-meta.ts';

export interface Expectations<T extends KubernetesObject> {
  /** The controller created or changed an object for the key. */
  wrote(key: string, object: T): void;
  /** The controller deleted an object for the key. */
  deleted(key: string, object: Readonly<T>): void;
  /** Whether the cache shows all of it. */
  areMet(key: string): boolean;
  forget(key: string): void;
}

/** Nothing expected yet. */
export function createExpectations<T extends KubernetesObject>(
  informer: Pick<Informer<T>, 'get' | 'revision'>,
): Expectations<T> {
  const revisions = new Map<string, number>();
  const deletions = new Map<string, Map<string, string>>();

  const isGone = (objectKey: string, uid: string): boolean => {
    const object = informer.get(objectKey);
    return object === undefined || object.metadata.uid !== uid || object.metadata.deletionTimestamp !== undefined;
  };

  return {
    wrote(key, object) {
      const revision = Number(object.metadata.resourceVersion);
      if (revision > (revisions.get(key) ?? 0)) revisions.set(key, revision);
    },
    deleted(key, object) {
      const uids = deletions.get(key) ?? new Map<string, string>();
      uids.set(keyOf(object), object.metadata.uid);
      deletions.set(key, uids);
    },
    areMet(key) {
      const revision = revisions.get(key);
      if (revision !== undefined) {
        if (informer.revision < revision) return false;
        revisions.delete(key);
      }
      const uids = deletions.get(key);
      for (const [objectKey, uid] of uids ?? []) {
        if (!isGone(objectKey, uid)) return false;
        uids?.delete(objectKey);
      }
      deletions.delete(key);
      return true;
    },
    forget(key) {
      revisions.delete(key);
      deletions.delete(key);
    },
  };
}
