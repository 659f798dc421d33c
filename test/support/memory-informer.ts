// An informer without an API server: tests put and remove objects themselves.
import type { KubernetesObject } from '../../api/meta/object-meta.ts';
import type { ChangeListener, Informer } from '../../machinery/informer.ts';
import { createObjectIndex } from '../../machinery/object-index.ts';
import type { ResourceRef } from '../../machinery/rest-client.ts';

export interface MemoryInformer<T extends KubernetesObject> extends Informer<T> {
  put(object: T): void;
  remove(key: string): void;
}

/** An informer that is synced from the start and holds what the test puts. */
export function createMemoryInformer<T extends KubernetesObject>(resource: ResourceRef<T>): MemoryInformer<T> {
  const index = createObjectIndex<T>({}, false);
  const listeners = new Set<ChangeListener<T>>();
  let revision = 0;
  return {
    resource,
    get: index.get,
    list: index.list,
    byIndex: index.byIndex,
    addIndexes: index.addIndexes,
    get size() {
      return index.size;
    },
    get revision() {
      return revision;
    },
    onDidChange(listener) {
      listeners.add(listener);
      for (const [key, current] of index.entries()) listener({ key, current });
      return () => void listeners.delete(listener);
    },
    hasSynced: () => true,
    whenSynced: () => Promise.resolve(),
    run: () => Promise.resolve(),
    put(object) {
      const { namespace, name } = object.metadata;
      const key = namespace ? `${namespace}/${name}` : name;
      revision++;
      const previous = index.put(key, object);
      for (const listener of listeners) listener({ key, current: object, previous });
    },
    remove(key) {
      revision++;
      const previous = index.put(key, undefined);
      if (previous !== undefined) for (const listener of listeners) listener({ key, previous });
    },
  };
}
