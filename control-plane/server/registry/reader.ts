// Reads objects of any served resource by name, from the watch cache: what admission and authorization stand on.
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import type { Consistency, Store, StoredObject } from '../../store/contract.ts';
import type { ResourceDefinition } from '../served/definition.ts';

/** The resource and, by its namespacing, where an object of it lives. */
export type Stored = Pick<ResourceDefinition, 'storagePrefix' | 'namespaced'>;

/** The store's key of one object. */
export function storageKey(definition: Stored, namespace: string, name: string): string {
  return definition.namespaced
    ? `${definition.storagePrefix}${namespace}/${name}`
    : `${definition.storagePrefix}${name}`;
}

/** The prefix of a resource's objects, in one namespace when given. */
export function storagePrefixOf(definition: Stored, namespace: string): string {
  return definition.namespaced && namespace !== ''
    ? `${definition.storagePrefix}${namespace}/`
    : definition.storagePrefix;
}

/** Typed reads of shared values: never change what it returns. */
export interface Reader {
  get<T extends KubernetesObject>(
    definition: Stored,
    namespace: string,
    name: string,
    consistency?: Consistency,
  ): Promise<Readonly<T> | undefined>;
  list<T extends KubernetesObject>(
    definition: Stored,
    namespace: string,
    consistency?: Consistency,
  ): Promise<readonly Readonly<T>[]>;
}

/** A reader over a store. */
export function createReader(store: Store): Reader {
  const valueOf = <T>(stored: StoredObject): Readonly<T> => stored.peek() as unknown as T;
  return {
    async get<T extends KubernetesObject>(
      definition: Stored,
      namespace: string,
      name: string,
      consistency: Consistency = 'cache',
    ) {
      const stored = await store.get(storageKey(definition, namespace, name), { consistency });
      return stored === undefined ? undefined : valueOf<T>(stored);
    },
    async list<T extends KubernetesObject>(definition: Stored, namespace: string, consistency: Consistency = 'cache') {
      const { items } = await store.list(storagePrefixOf(definition, namespace), { consistency });
      return items.map((stored) => valueOf<T>(stored));
    },
  };
}
