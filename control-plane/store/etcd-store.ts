// The store on etcd: writes are one guarded transaction each, reads come from the watch cache once it has reached the
// revision that their consistency asks for. Several stores, in several processes, share one etcd.
import { systemClock } from '../../machinery/clock.ts';
import type { Clock } from '../../machinery/clock.ts';
import { prefixEnd } from '../../machinery/etcd/index.ts';
import type { EtcdClient } from '../../machinery/etcd/index.ts';
import type { Logger } from '../../machinery/logger.ts';
import type { Consistency, ListOptions, ListResult, Store } from './contract.ts';
import { createFreshness } from './freshness.ts';
import { StoreError } from './errors.ts';
import { startFeed } from './etcd-feed.ts';
import { createEtcdWriter, translateEtcdError } from './etcd-writer.ts';
import { versionFromValue } from './stored-object.ts';
import type { ObjectVersion } from './stored-object.ts';
import { WatchCache } from './watch-cache.ts';

const pageSize = 500;

export interface EtcdStoreOptions {
  readonly client: EtcdClient;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** How long a read waits for the cache to reach its revision; default 3 s, as upstream. */
  readonly patienceMs?: number;
}

/** Opens the store: reads all of /registry, then follows it. Closes `client` with itself. */
export async function openEtcdStore(options: EtcdStoreOptions): Promise<Store> {
  const { client, logger } = options;
  const cache = new WatchCache(options.clock ?? systemClock);
  const ownWrites = new Map<number, ObjectVersion>();
  const feed = await startFeed(client, cache, logger, ownWrites).catch((error: unknown) => {
    client.close();
    throw translateEtcdError(error);
  });
  const freshness = createFreshness({ client, cache, feed, patienceMs: options.patienceMs ?? 3000 });
  const writer = createEtcdWriter({ client, cache, ownWrites, freshness });

  const reach = (consistency: Consistency | undefined): Promise<void> => {
    if (consistency === 'cache') return Promise.resolve();
    return typeof consistency === 'object' ? freshness.reach(consistency.atLeast) : freshness.reachLatest();
  };

  return {
    create: (key, object, write) => writer.create(key, object, write),
    update: (key, object, expectedRevision, write) => writer.update(key, object, expectedRevision, write),
    delete: (key, expectedRevision, write) => writer.delete(key, expectedRevision, write),

    async get(key, read) {
      await reach(read?.consistency);
      return cache.get(key);
    },

    async list(prefix, read = {}) {
      if (read.revision === undefined) {
        await reach(read.consistency);
        return cache.list(prefix, read);
      }
      if (read.revision > cache.revision) await freshness.reach(read.revision);
      return cache.listAt(prefix, read.revision, read) ?? (await listFromEtcd(client, prefix, read.revision, read));
    },

    count: (prefix) => cache.count(prefix),
    watch: (prefix, watchOptions) => cache.watch(prefix, watchOptions),
    currentRevision: () => freshness.latestRevision(),
    cachedRevision: () => cache.revision,

    async checkReady() {
      await client.currentRevision().catch((error: unknown) => {
        throw translateEtcdError(error);
      });
      if (!feed.connected()) throw new StoreError('Unavailable', 'the watch on etcd is down');
    },

    async compact(revision) {
      await client.compact(revision).catch((error: unknown) => {
        throw translateEtcdError(error);
      });
      cache.compact(revision);
    },

    health: async () => ({ kind: 'etcd', members: await client.health() }),

    close() {
      feed.close();
      cache.close();
      client.close();
      return Promise.resolve();
    },
  };
}

/** A list at a revision that the cache's history no longer reaches, from etcd itself. */
async function listFromEtcd(
  client: EtcdClient,
  prefix: string,
  revision: number,
  options: ListOptions,
): Promise<ListResult> {
  const items: ObjectVersion[] = [];
  const limit = options.limit || Infinity;
  let remaining = 0;
  try {
    for (
      let key = options.afterKey === undefined ? prefix : `${options.afterKey}\0`, more = true;
      more && items.length < limit;
    ) {
      const size = Math.min(pageSize, limit - items.length);
      const page = await client.range({ key, end: prefixEnd(prefix), limit: size, revision });
      for (const item of page.items) items.push(versionFromValue(item.key, item.modRevision, item.value));
      more = page.more;
      remaining = page.count - page.items.length;
      key = `${page.items.at(-1)?.key ?? prefix}\0`;
    }
  } catch (error) {
    throw translateEtcdError(error);
  }
  const { nodeName } = options;
  return {
    revision,
    items: nodeName === undefined ? items : items.filter((item) => item.nodeName === nodeName),
    remaining,
  };
}
