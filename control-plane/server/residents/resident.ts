// Keeps all objects of one resource parsed in memory, following the store: for the few small kinds that every request
// depends on (RBAC, webhooks, priority classes). Level-triggered: after any trouble it lists again.
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import type { Clock } from '../../../machinery/clock.ts';
import type { Logger } from '../../../machinery/logger.ts';
import type { Store, StoreEvent } from '../../store/contract.ts';
import type { Stored } from '../registry/reader.ts';

/** The followed objects; shared values, never to be changed. */
export interface Resident<T extends KubernetesObject> {
  get(namespace: string, name: string): Readonly<T> | undefined;
  list(): readonly Readonly<T>[];
  /** Grows with every change: derived indexes are rebuilt by it. */
  readonly generation: number;
  readonly isSynced: boolean;
  onDidChange(listener: (previous: Readonly<T> | undefined, current: Readonly<T> | undefined) => void): () => void;
}

/** What following needs. */
export interface ResidentContext {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

const retryAfterMs = 500;

/** Follows a resource until the signal aborts; `whenSynced` resolves after the first list. */
export function followResource<T extends KubernetesObject>(
  context: ResidentContext,
  definition: Stored,
): { resident: Resident<T>; whenSynced: Promise<void> } {
  const { store, clock, logger, signal } = context;
  const prefix = definition.storagePrefix;
  const listeners = new Set<(previous: Readonly<T> | undefined, current: Readonly<T> | undefined) => void>();
  const objects = new Map<string, Readonly<T>>();
  let generation = 0;
  let isSynced = false;

  const change = (key: string, current: Readonly<T> | undefined): void => {
    const previous = objects.get(key);
    if (current === undefined) objects.delete(key);
    else objects.set(key, current);
    generation++;
    for (const listener of listeners) listener(previous, current);
  };
  const apply = ({ type, object }: StoreEvent): void =>
    change(object.key.slice(prefix.length), type === 'DELETED' ? undefined : (object.parse() as unknown as T));

  const listOnce = async (): Promise<number> => {
    const { items, revision } = await store.list(prefix);
    const fresh = new Map(items.map((item) => [item.key.slice(prefix.length), item.parse() as unknown as T]));
    for (const key of [...objects.keys()]) if (!fresh.has(key)) change(key, undefined);
    for (const [key, object] of fresh) {
      if (objects.get(key)?.metadata.resourceVersion !== object.metadata.resourceVersion) change(key, object);
    }
    return revision;
  };

  const follow = async (onSynced: () => void): Promise<void> => {
    while (!signal.aborted) {
      try {
        const revision = await listOnce();
        isSynced = true;
        onSynced();
        for await (const batch of store.watch(prefix, { fromRevision: revision, signal })) batch.forEach(apply);
      } catch (error) {
        if (!signal.aborted) logger.warn({ err: error, prefix }, 'following a resource failed; listing again');
      }
      await clock.sleep(retryAfterMs, signal);
    }
  };

  const whenSynced = new Promise<void>((resolve) => void follow(resolve));
  const resident: Resident<T> = {
    get: (namespace, name) => objects.get(namespace === '' ? name : `${namespace}/${name}`),
    list: () => [...objects.values()],
    get generation() {
      return generation;
    },
    get isSynced() {
      return isSynced;
    },
    onDidChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return { resident, whenSynced };
}
