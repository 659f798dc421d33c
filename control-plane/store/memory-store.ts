// A store without etcd, for simulation and tests: the same semantics on the same cache, one process, nothing kept.
// Writes are synchronous underneath, so every read is linearizable.
import type { KubernetesObject } from '../../api/meta/object-meta.ts';
import { systemClock } from '../../machinery/clock.ts';
import type { Clock } from '../../machinery/clock.ts';
import type { Consistency, Fence, Store, StoredObject, WriteOptions } from './contract.ts';
import { StoreError } from './errors.ts';
import { encodeObject, isSameState, versionFromOwn } from './stored-object.ts';
import type { ObjectVersion } from './stored-object.ts';
import { readList } from './read-list.ts';
import { WatchCache } from './watch-cache.ts';

export interface MemoryStoreOptions {
  readonly clock?: Clock;
  /** Bounds of the history that watches resume from. */
  readonly history?: { readonly events: number; readonly bytes: number };
  /** How long a read waits for a revision that it asks for; default 3 s, as upstream. */
  readonly patienceMs?: number;
}

/** An empty store at revision 1, as a new etcd is. */
export function createMemoryStore(options: MemoryStoreOptions = {}): Store {
  const cache = new WatchCache(
    options.clock ?? systemClock,
    options.history ?? { events: 50_000, bytes: 48 * 1024 * 1024 },
  );
  const patienceMs = options.patienceMs ?? 3000;
  cache.replace([], 1);
  let closed = false;

  const checkOpen = (): void => {
    if (closed) throw new StoreError('Unavailable', 'the store is closed');
  };
  const put = (key: string, value: Buffer, object: KubernetesObject): StoredObject => {
    const revision = cache.revision + 1;
    const version = versionFromOwn(key, revision, value, object);
    cache.apply([{ key, revision, version }]);
    return version;
  };

  return {
    async create(key, object, write) {
      checkOpen();
      checkFence(cache, write);
      const current = cache.get(key);
      if (current) throw new StoreError('AlreadyExists', `${key} exists`, { current });
      return put(key, encodeObject(object), object);
    },

    async update(key, object, expectedRevision, write) {
      checkOpen();
      checkFence(cache, write);
      const current = demand(cache, key, expectedRevision);
      const value = encodeObject(object);
      return isSameState(current, value) ? current : put(key, value, object);
    },

    async delete(key, expectedRevision, write) {
      checkOpen();
      checkFence(cache, write);
      const current = demand(cache, key, expectedRevision);
      const revision = cache.revision + 1;
      cache.apply([{ key, revision, version: undefined }]);
      return current.at(revision);
    },

    async get(key, read) {
      checkOpen();
      await reach(cache, read?.consistency, patienceMs);
      return cache.get(key);
    },

    async list(prefix, read = {}) {
      checkOpen();
      if (read.revision === undefined) await reach(cache, read.consistency, patienceMs);
      return readList(cache, prefix, read);
    },

    count: (prefix) => cache.count(prefix),
    watch: (prefix, watchOptions) => cache.watch(prefix, watchOptions),
    currentRevision: () => Promise.resolve(cache.revision),
    cachedRevision: () => cache.revision,
    checkReady: async () => checkOpen(),
    compact: (revision) => Promise.resolve(cache.compact(revision)),
    health: () => Promise.resolve({ kind: 'memory' as const, members: [] }),
    close: () => {
      closed = true;
      cache.close();
      return Promise.resolve();
    },
  };
}

/** The present version, which must be the expected one. */
function demand(cache: WatchCache, key: string, expectedRevision: number | undefined): ObjectVersion {
  const current = cache.get(key);
  if (!current) throw new StoreError('NotFound', `${key} does not exist`);
  if (expectedRevision !== undefined && current.revision !== expectedRevision) {
    throw new StoreError('Conflict', `${key} is at ${current.revision}, not ${expectedRevision}`, { current });
  }
  return current;
}

function checkFence(cache: WatchCache, write: WriteOptions | undefined): void {
  const fence: Fence | undefined = write?.fence;
  if (!fence) return;
  const lease: KubernetesObject | undefined = cache.get(fence.key)?.peek();
  if (!lease || !fence.holds(lease)) throw new StoreError('Fenced', `the writer no longer holds ${fence.key}`);
}

async function reach(cache: WatchCache, consistency: Consistency | undefined, patienceMs: number): Promise<void> {
  if (typeof consistency !== 'object') return;
  if (!(await cache.waitFor(consistency.atLeast, patienceMs))) {
    throw new StoreError(
      'TooLargeRevision',
      `revision ${consistency.atLeast} is not reached yet, only ${cache.revision}`,
    );
  }
}
