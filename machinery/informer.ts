// A local, live copy of a resource: list, then watch from there, for as long as it runs.
// Guarantees: objects are shared and must not be changed (frozen under test); listeners hear every difference between
// what they saw and what is, also across lost connections, but may not hear every state in between; a listener added
// late first hears of every object present. Indexes are consistent with the objects at every call.
import type { KubernetesObject } from '../api/meta/object-meta.ts';
import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';
import type { ResourceRef, RestClient } from './rest-client.ts';
import { systemClock } from './clock.ts';
import { silentLogger } from './logger.ts';
import { createObjectIndex } from './object-index.ts';
import { runReflector } from './reflector.ts';

/** Added: only `current`; changed: both; removed: only `previous`. */
export interface Change<T> {
  readonly key: string;
  readonly current?: Readonly<T>;
  readonly previous?: Readonly<T>;
}
export type ChangeListener<T> = (change: Change<T>) => void;
export type IndexFunction<T> = (object: Readonly<T>) => readonly string[];

/** The read side of an informer; what planners and tests need. */
export interface ObjectReader<T extends KubernetesObject> {
  /** By `namespace/name`, or `name` when not namespaced. */
  get(key: string): Readonly<T> | undefined;
  list(namespace?: string): Readonly<T>[];
  byIndex(name: string, value: string): Readonly<T>[];
}

export interface Informer<T extends KubernetesObject> extends ObjectReader<T> {
  readonly resource: ResourceRef<T>;
  readonly size: number;
  /** The store revision that the objects have reached; 0 before the first list. A write of ours is in when this is not less. */
  readonly revision: number;
  /** Adds indexes, also to a running informer; a name that exists keeps its function. */
  addIndexes(indexes: Readonly<Record<string, IndexFunction<T>>>): void;
  /** Returns how to stop listening. Listeners run synchronously and must not throw: enqueue keys, do no work. */
  onDidChange(listener: ChangeListener<T>): () => void;
  hasSynced(): boolean;
  /** Resolves when the first list has arrived; rejects when the signal aborts first. */
  whenSynced(signal?: AbortSignal): Promise<void>;
  /** Lists and watches until the signal aborts; never rejects. A second call waits for the same run. */
  run(signal: AbortSignal): Promise<void>;
}

export interface InformerOptions<T extends KubernetesObject> {
  client: RestClient;
  resource: ResourceRef<T>;
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  indexes?: Readonly<Record<string, IndexFunction<T>>>;
  /** Makes objects smaller before they are kept, such as dropping managedFields. */
  transform?: (object: T) => T;
  clock?: Clock;
  logger?: Logger;
}

/** An informer that does nothing until `run`. */
export function createInformer<T extends KubernetesObject>(options: InformerOptions<T>): Informer<T> {
  const { client, resource, namespace, clock = systemClock, logger = silentLogger } = options;
  const index = createObjectIndex<T>(options.indexes ?? {});
  const listeners = new Set<ChangeListener<T>>();
  const synced = Promise.withResolvers<void>();
  let hasSynced = false;
  let revision = 0;
  let running: Promise<void> | undefined;

  const apply = (key: string, current: T | undefined): void => {
    const kept = current !== undefined && options.transform ? options.transform(current) : current;
    const previous = index.put(key, kept);
    if (kept === undefined && previous === undefined) return;
    if (kept !== undefined && previous !== undefined && kept.metadata.uid !== previous.metadata.uid) {
      // Deleted and made anew while nobody looked: two differences, not one.
      tell({ key, previous });
      tell({ key, current: kept });
    } else tell({ key, current: kept, previous });
  };
  const tell = (change: Change<T>): void => {
    for (const listener of [...listeners]) {
      try {
        listener(change);
      } catch (err) {
        logger.error({ err, key: change.key, resource: resource.plural }, 'a change listener threw');
      }
    }
  };

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
    hasSynced: () => hasSynced,
    whenSynced(signal) {
      if (hasSynced || signal === undefined) return synced.promise;
      return new Promise((resolve, reject) => {
        const abort = (): void => reject(signal.reason);
        if (signal.aborted) return abort();
        signal.addEventListener('abort', abort, { once: true });
        void synced.promise.then(() => (signal.removeEventListener('abort', abort), resolve()));
      });
    },
    run(signal) {
      running ??= runReflector<T>({
        resource: client.resource(resource, namespace),
        name: resource.plural,
        labelSelector: options.labelSelector,
        fieldSelector: options.fieldSelector,
        known: index,
        apply,
        onListed() {
          if (hasSynced) return;
          hasSynced = true;
          synced.resolve();
        },
        onRevision(resourceVersion) {
          revision = Math.max(revision, Number(resourceVersion) || 0);
        },
        clock,
        logger,
        signal,
      });
      return running;
    },
  };
}

/** One informer per resource, shared by all parts of a process. */
export interface InformerFactory {
  readonly client: RestClient;
  /** The shared, unfiltered informer of a resource; starts at once when the factory runs already. */
  of<T extends KubernetesObject>(
    resource: ResourceRef<T>,
    indexes?: Readonly<Record<string, IndexFunction<T>>>,
  ): Informer<T>;
  /** The shared informer of a resource, if anyone has asked for it. */
  find(resource: Pick<ResourceRef, 'group' | 'plural'>): Informer<KubernetesObject> | undefined;
  /** Runs every informer, present and future, until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Resolves when every informer asked for so far has its first list. */
  whenSynced(signal?: AbortSignal): Promise<void>;
}

/** An empty factory. */
export function createInformerFactory(
  client: RestClient,
  options: { clock?: Clock; logger?: Logger; transform?: (object: KubernetesObject) => KubernetesObject } = {},
): InformerFactory {
  const informers = new Map<string, Informer<KubernetesObject>>();
  const runs: Promise<void>[] = [];
  let runSignal: AbortSignal | undefined;
  return {
    client,
    of<T extends KubernetesObject>(resource: ResourceRef<T>, indexes?: Readonly<Record<string, IndexFunction<T>>>) {
      const id = `${resource.group}/${resource.plural}`;
      let informer = informers.get(id) as Informer<T> | undefined;
      if (informer === undefined) {
        const transform = options.transform as ((object: T) => T) | undefined;
        informer = createInformer<T>({ client, resource, ...options, transform });
        informers.set(id, informer as unknown as Informer<KubernetesObject>);
        if (runSignal) runs.push(informer.run(runSignal));
      }
      if (indexes) informer.addIndexes(indexes);
      return informer;
    },
    find: ({ group, plural }) => informers.get(`${group}/${plural}`),
    async run(signal) {
      runSignal = signal;
      for (const informer of informers.values()) runs.push(informer.run(signal));
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        else signal.addEventListener('abort', () => resolve(), { once: true });
      });
      await Promise.all(runs);
    },
    async whenSynced(signal) {
      await Promise.all([...informers.values()].map((informer) => informer.whenSynced(signal)));
    },
  };
}
