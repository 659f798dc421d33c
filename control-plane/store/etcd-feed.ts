// Fills the watch cache from etcd and keeps it following: ranges in pages at one revision, then the one watch stream
// over every key. When history was compacted under us, it reads everything again and the watchers list anew.
import type { Logger } from '../../machinery/logger.ts';
import { prefixEnd } from '../../machinery/etcd/index.ts';
import type { EtcdClient, EtcdEvent, EtcdWatch } from '../../machinery/etcd/index.ts';
import { systemClock } from '../../machinery/clock.ts';
import { versionFromValue } from './stored-object.ts';
import type { ObjectVersion } from './stored-object.ts';
import type { Change, WatchCache } from './watch-cache.ts';

const root = '/registry/';
const pageSize = 500;
const refillDelayMs = 500;

export interface EtcdFeed {
  /** Whether the stream is up. */
  connected(): boolean;
  /** Leaves a member that has fallen silent. */
  reconnect(): void;
  close(): void;
}

/** Reads the whole state, then follows; resolves when the cache is full. */
export async function startFeed(
  client: EtcdClient,
  cache: WatchCache,
  logger: Logger,
  ownWrites: Map<number, ObjectVersion>,
): Promise<EtcdFeed> {
  const closing = new AbortController();
  let connected = false;
  let watch: EtcdWatch | undefined;

  const fill = async (): Promise<void> => {
    const { revision, versions } = await readEverything(client);
    cache.replace(versions, revision);
    if (closing.signal.aborted) return;
    watch = client.watch({
      afterRevision: revision,
      onEvents: (events) =>
        cache.apply(
          events.map((event) => changeOf(event, cache, ownWrites)).filter((x) => x !== undefined),
          events.at(-1)?.revision,
        ),
      onCompacted: () => void refill(),
      onDidChangeConnection: (up, failure) => {
        if (up !== connected) logger[up ? 'info' : 'warn']({ err: failure }, up ? 'following etcd' : 'lost etcd');
        connected = up;
      },
    });
  };

  const refill = async (): Promise<void> => {
    logger.warn('etcd compacted events that were still to come; reading everything again');
    connected = false;
    while (!closing.signal.aborted) {
      try {
        return await fill();
      } catch (error) {
        logger.warn({ err: error }, 'reading etcd again');
        await systemClock.sleep(refillDelayMs, closing.signal);
      }
    }
  };

  await fill();
  return {
    connected: () => connected,
    reconnect: () => watch?.reconnect(),
    close: () => {
      closing.abort();
      watch?.close();
    },
  };
}

async function readEverything(client: EtcdClient): Promise<{ revision: number; versions: ObjectVersion[] }> {
  const versions: ObjectVersion[] = [];
  let revision: number | undefined;
  for (let key = root, more = true; more;) {
    const page = await client.range({ key, end: prefixEnd(root), limit: pageSize, revision });
    revision ??= page.revision;
    for (const item of page.items) versions.push(versionFromValue(item.key, item.modRevision, item.value));
    more = page.more;
    key = `${page.items.at(-1)?.key ?? root}\0`;
  }
  return { revision: revision ?? 0, versions };
}

function changeOf(event: EtcdEvent, cache: WatchCache, ownWrites: Map<number, ObjectVersion>): Change | undefined {
  const { key, revision, value } = event;
  if (!key.startsWith(root)) return undefined;
  const own = ownWrites.get(revision);
  if (own) ownWrites.delete(revision);
  if (value === undefined) return { key, revision, version: undefined };
  return { key, revision, version: own ?? versionFromValue(key, revision, value, cache.get(key)) };
}
