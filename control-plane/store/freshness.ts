// How fresh the cache must be before it may answer. A linearizable read asks etcd for its revision, unless that is known
// because nobody else writes. Reads of one turn of the event loop share a question, which leaves at the turn's end; reads
// that arrive while one is under way share the next.
import type { EtcdClient } from '../../machinery/etcd/index.ts';
import { StoreError } from './errors.ts';
import type { EtcdFeed } from './etcd-feed.ts';
import { translateEtcdError } from './etcd-writer.ts';
import type { WatchCache } from './watch-cache.ts';

export interface Freshness {
  /** A revision no older than anything acknowledged before the call. */
  latestRevision(): Promise<number>;
  /** Resolves when the cache has seen everything acknowledged before the call. */
  reachLatest(): Promise<void>;
  /** Resolves when the cache has reached a revision; fails with TooLargeRevision. */
  reach(revision: number): Promise<void>;
}

interface FreshnessOptions {
  readonly client: EtcdClient;
  readonly cache: WatchCache;
  readonly feed: EtcdFeed;
  readonly patienceMs: number;
}

export function createFreshness({ client, cache, feed, patienceMs }: FreshnessOptions): Freshness {
  let running: Promise<unknown> | undefined;
  let next: Promise<number> | undefined;
  /** Asked in this turn: not sent before its end. */
  let unsent: Promise<number> | undefined;

  const ask = (): Promise<number> => {
    const answer = client.currentRevision().catch((error: unknown) => {
      throw translateEtcdError(error);
    });
    running = answer.catch(() => undefined);
    unsent = answer;
    setImmediate(() => (unsent = undefined));
    return answer;
  };

  const latestRevision = (): Promise<number> => {
    const known = client.knownRevision();
    if (known !== undefined) return Promise.resolve(known);
    if (unsent) return unsent;
    if (next) return next;
    if (!running) {
      const answer = ask();
      release(running);
      return answer;
    }
    const shared: Promise<number> = running.then(() => {
      next = undefined;
      const answer = ask();
      release(running);
      return answer;
    });
    next = shared;
    return shared;
  };

  const release = (asked: Promise<unknown> | undefined): void => {
    void asked?.then(() => {
      if (running === asked) running = undefined;
    });
  };

  const wait = async (revision: number): Promise<boolean> => {
    if (cache.revision >= revision) return true;
    if (await cache.waitFor(revision, patienceMs)) return true;
    feed.reconnect(); // this member may have lost touch with the others
    return false;
  };

  return {
    latestRevision,

    async reachLatest() {
      const revision = client.knownRevision() ?? (await latestRevision());
      if (!(await wait(revision))) throw new StoreError('Unavailable', `the cache does not reach revision ${revision}`);
    },

    async reach(revision) {
      if (cache.revision >= revision) return;
      const latest = await latestRevision();
      if (revision <= latest && (await wait(revision))) return;
      if (revision > latest && (await cache.waitFor(revision, patienceMs))) return;
      throw new StoreError('TooLargeRevision', `revision ${revision} is not reached yet, only ${cache.revision}`);
    },
  };
}
