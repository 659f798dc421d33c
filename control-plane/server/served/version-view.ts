// One stored form, several served versions: a store seen through a conversion. Reads convert (once per stored version),
// writes convert back; everything above works on the served version only. Without a conversion the store is itself.
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import type { ListResult, Store, StoredObject, StoreEvent, StoreWatch } from '../../store/contract.ts';
import { isStoreError, StoreError } from '../../store/errors.ts';

/** How a served version relates to the stored one. Both functions own the object they are given. */
export interface Conversion {
  readonly storedApiVersion: string;
  toServed(stored: KubernetesObject): KubernetesObject;
  toStored(served: KubernetesObject): KubernetesObject;
}

/** The store as a resource with this conversion sees it. */
export function viewThrough(store: Store, conversion: Conversion): Store {
  const converted = new WeakMap<StoredObject, StoredObject>();
  const served = (stored: StoredObject): StoredObject => {
    let view = converted.get(stored);
    if (view === undefined) converted.set(stored, (view = convertStored(stored, conversion)));
    return view;
  };
  const stored = (object: KubernetesObject): KubernetesObject => conversion.toStored(structuredClone(object));
  const event = (one: StoreEvent): StoreEvent => ({
    ...one,
    object: served(one.object),
    ...(one.previous === undefined ? {} : { previous: served(one.previous) }),
  });
  const telling = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (isStoreError(error) && error.current !== undefined)
        throw new StoreError(error.reason, error.message, { current: served(error.current), cause: error });
      throw error;
    }
  };
  return {
    ...store,
    create: async (key, object, options) => served(await telling(store.create(key, stored(object), options))),
    update: async (key, object, revision, options) =>
      served(await telling(store.update(key, stored(object), revision, options))),
    delete: async (key, revision, options) => served(await telling(store.delete(key, revision, options))),
    async get(key, options) {
      const found = await store.get(key, options);
      return found === undefined ? undefined : served(found);
    },
    async list(prefix, options): Promise<ListResult> {
      const result = await store.list(prefix, options);
      return { ...result, items: result.items.map(served) };
    },
    watch: (prefix, options) => viewWatch(store.watch(prefix, options), event),
  };
}

function viewWatch(watch: StoreWatch, convert: (event: StoreEvent) => StoreEvent): StoreWatch {
  return {
    progress: () => watch.progress(),
    close: () => watch.close(),
    async *[Symbol.asyncIterator]() {
      for await (const batch of watch) yield batch.map(convert);
    },
  };
}

function convertStored(stored: StoredObject, conversion: Conversion): StoredObject {
  let bytes: Uint8Array | undefined;
  let value: KubernetesObject | undefined;
  const parse = (): KubernetesObject => conversion.toServed(stored.parse());
  return {
    key: stored.key,
    revision: stored.revision,
    get bytes() {
      return (bytes ??= Buffer.from(JSON.stringify(value ?? parse())));
    },
    parse,
    peek: () => (value ??= parse()),
  };
}
