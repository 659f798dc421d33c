// Objects by key, by namespace and by any number of named indexes, kept consistent on every put.
import type { KubernetesObject } from '../api/meta/object-meta.ts';
import type { IndexFunction, ObjectReader } from './informer.ts';

export interface ObjectIndex<T extends KubernetesObject> extends ObjectReader<T> {
  readonly size: number;
  entries(): IterableIterator<[string, Readonly<T>]>;
  /** Sets, or with undefined removes, what the key means; returns what it meant before. */
  put(key: string, object: T | undefined): Readonly<T> | undefined;
  addIndexes(indexes: Readonly<Record<string, IndexFunction<T>>>): void;
}

interface Index<T> {
  valuesOf: IndexFunction<T>;
  keys: Map<string, Set<string>>;
}

const byNamespace = ' namespace';

/** An empty index; objects in it are deeply frozen under test, so that a planner that writes into the cache fails there. */
export function createObjectIndex<T extends KubernetesObject>(
  functions: Readonly<Record<string, IndexFunction<T>>>,
  freeze: boolean = process.env.VITEST !== undefined,
): ObjectIndex<T> {
  const objects = new Map<string, Readonly<T>>();
  const indexes = new Map<string, Index<T>>();

  const link = (index: Index<T>, key: string, object: Readonly<T>): void => {
    for (const value of index.valuesOf(object)) {
      const keys = index.keys.get(value);
      if (keys) keys.add(key);
      else index.keys.set(value, new Set([key]));
    }
  };
  const unlink = (index: Index<T>, key: string, object: Readonly<T>): void => {
    for (const value of index.valuesOf(object)) {
      const keys = index.keys.get(value);
      keys?.delete(key);
      if (keys?.size === 0) index.keys.delete(value);
    }
  };
  const find = (name: string, value: string): Readonly<T>[] => {
    const index = indexes.get(name);
    if (index === undefined) throw new TypeError(`there is no index ${name}`);
    const found: Readonly<T>[] = [];
    for (const key of index.keys.get(value) ?? []) {
      const object = objects.get(key);
      if (object !== undefined) found.push(object);
    }
    return found;
  };
  const addIndexes = (added: Readonly<Record<string, IndexFunction<T>>>): void => {
    for (const [name, valuesOf] of Object.entries(added)) {
      if (indexes.has(name)) continue;
      const index: Index<T> = { valuesOf, keys: new Map() };
      indexes.set(name, index);
      for (const [key, object] of objects) link(index, key, object);
    }
  };
  addIndexes({ ...functions, [byNamespace]: (object) => [object.metadata.namespace ?? ''] });

  return {
    get: (key) => objects.get(key),
    list: (namespace) => (namespace === undefined ? [...objects.values()] : find(byNamespace, namespace)),
    byIndex: find,
    get size() {
      return objects.size;
    },
    entries: () => objects.entries(),
    put(key, object) {
      const previous = objects.get(key);
      if (previous !== undefined) for (const index of indexes.values()) unlink(index, key, previous);
      if (object === undefined) objects.delete(key);
      else {
        objects.set(key, freeze ? deepFreeze(object) : object);
        for (const index of indexes.values()) link(index, key, object);
      }
      return previous;
    },
    addIndexes,
  };
}

/** Freezes a JSON value and everything in it. */
export function deepFreeze<V>(value: V): V {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}
