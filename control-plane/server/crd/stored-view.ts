// The store as one served version of a custom resource sees it: objects come converted to that version, without fields
// that its schema does not know and with its defaults, whenever and in whichever version they were stored. Objects
// that are so already keep their stored bytes: they are looked at once for each stored version.
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import type { Store, StoredObject, StoreEvent, StoreWatch } from '../../store/contract.ts';
import { isStoreError, StoreError } from '../../store/errors.ts';

/** How objects are stored, and how they are served. */
export interface StorageForm {
  readonly storedApiVersion: string;
  readonly servedApiVersion: string;
  /** Converts objects, which it owns, to another version; keeps their order. */
  convert(objects: readonly KubernetesObject[], apiVersion: string): Promise<readonly KubernetesObject[]>;
  /** Whether the served schema would change nothing in the object. */
  isComplete(object: Readonly<KubernetesObject>): boolean;
  /** Prunes and defaults in place. */
  complete(object: KubernetesObject): void;
}

const views = new WeakMap<StorageForm, WeakMap<StoredObject, StoredObject>>();

/** The view of a store through a form. */
export function viewStored(store: Store, form: StorageForm): Store {
  let known = views.get(form);
  if (known === undefined) views.set(form, (known = new WeakMap()));
  const seen = known;

  const serveAll = async (items: readonly StoredObject[]): Promise<StoredObject[]> => {
    const pending = items.filter((item) => !seen.has(item));
    const foreign: StoredObject[] = [];
    for (const item of pending) {
      const object = item.peek();
      if (object.apiVersion !== form.servedApiVersion) foreign.push(item);
      else seen.set(item, form.isComplete(object) ? item : completed(item, item.parse(), form));
    }
    if (foreign.length > 0) {
      const converted = await form.convert(
        foreign.map((item) => item.parse()),
        form.servedApiVersion,
      );
      foreign.forEach((item, index) => {
        const object = converted[index];
        if (object !== undefined) seen.set(item, completed(item, object, form));
      });
    }
    return items.map((item) => seen.get(item) ?? item);
  };
  const serve = async (item: StoredObject): Promise<StoredObject> => (await serveAll([item]))[0] ?? item;

  const toStored = async (object: KubernetesObject): Promise<KubernetesObject> => {
    if (object.apiVersion === form.storedApiVersion) return object;
    const [converted] = await form.convert([structuredClone(object)], form.storedApiVersion);
    return converted ?? object;
  };

  const telling = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (isStoreError(error) && error.current !== undefined)
        throw new StoreError(error.reason, error.message, { current: await serve(error.current), cause: error });
      throw error;
    }
  };

  return {
    ...store,
    create: async (key, object, options) => serve(await telling(store.create(key, await toStored(object), options))),
    update: async (key, object, revision, options) =>
      serve(await telling(store.update(key, await toStored(object), revision, options))),
    delete: async (key, revision, options) => serve(await telling(store.delete(key, revision, options))),
    async get(key, options) {
      const found = await store.get(key, options);
      return found === undefined ? undefined : serve(found);
    },
    async list(prefix, options) {
      const result = await store.list(prefix, options);
      return { ...result, items: await serveAll(result.items) };
    },
    watch: (prefix, options) => watchStored(store.watch(prefix, options), serveAll),
  };
}

function watchStored(
  watch: StoreWatch,
  serveAll: (items: readonly StoredObject[]) => Promise<StoredObject[]>,
): StoreWatch {
  const serveBatch = async (batch: readonly StoreEvent[]): Promise<StoreEvent[]> => {
    const served = new Map<StoredObject, StoredObject>();
    const items = batch.flatMap(({ object, previous }) => (previous === undefined ? [object] : [object, previous]));
    const views = await serveAll(items);
    items.forEach((item, index) => served.set(item, views[index] ?? item));
    return batch.map((event) => {
      const object = served.get(event.object) ?? event.object;
      const previous = event.previous === undefined ? undefined : (served.get(event.previous) ?? event.previous);
      // Unchanged events stay themselves: what is made of them is shared by all watchers.
      if (object === event.object && previous === event.previous) return event;
      return { ...event, object, ...(previous === undefined ? {} : { previous }) };
    });
  };
  return {
    progress: () => watch.progress(),
    close: () => watch.close(),
    async *[Symbol.asyncIterator]() {
      for await (const batch of watch) yield await serveBatch(batch);
    },
  };
}

function completed({ key, revision }: StoredObject, object: KubernetesObject, form: StorageForm): StoredObject {
  form.complete(object);
  let bytes: Uint8Array | undefined;
  return {
    key,
    revision,
    get bytes() {
      return (bytes ??= Buffer.from(JSON.stringify(object)));
    },
    parse: () => structuredClone(object),
    peek: () => object,
  };
}
