// The store's memory: the objects at one revision, the recent history, and the watchers. Whoever feeds it (the memory
// store's writes, or etcd's watch stream) calls apply() in revision order; everybody else reads.
// Guarantees: a list and a watch from its revision together miss and double nothing.
import type { Cancel, Clock } from '../../machinery/clock.ts';
import type { ListOptions, ListResult, StoreEvent, StoreWatch, WatchOptions } from './contract.ts';
import { StoreError } from './errors.ts';
import { History } from './history.ts';
import type { HistoryLimits } from './history.ts';
import { ObjectIndex } from './object-index.ts';
import type { ObjectVersion } from './stored-object.ts';
import { WatchHub } from './watch-hub.ts';

/** A change to apply: the new version, or none for a deletion. */
export interface Change {
  readonly key: string;
  readonly revision: number;
  readonly version: ObjectVersion | undefined;
}

/** How many paged lists stay as they were when their first page was read. */
const keptPagedLists = 8;

const defaultLimits: HistoryLimits = { events: 10_000, bytes: 16 * 1024 * 1024 };

interface Waiter {
  readonly revision: number;
  readonly resolve: () => void;
}

export class WatchCache {
  readonly #clock: Clock;
  readonly #hub: WatchHub;
  readonly #history: History;
  #index = new ObjectIndex();
  #revision = 0;
  #compacted = 0;
  #waiters: Waiter[] = [];
  /** Lists that somebody is paging through, by prefix and revision, oldest first. */
  readonly #paged = new Map<string, readonly ObjectVersion[]>();

  constructor(clock: Clock, limits: HistoryLimits = defaultLimits) {
    this.#clock = clock;
    this.#history = new History(0, limits);
    this.#hub = new WatchHub(() => this.#revision, clock);
  }

  /** Everything up to this revision has been applied. */
  get revision(): number {
    return this.#revision;
  }

  get watcherCount(): number {
    return this.#hub.size;
  }

  get(key: string): ObjectVersion | undefined {
    return this.#index.get(key);
  }

  /** How many objects lie below a folder. */
  count(prefix: string): number {
    return this.#index.count(prefix);
  }

  /** Applies changes in revision order, then moves to `revision` (the last one's, when absent). */
  apply(changes: readonly Change[], revision?: number): void {
    const events: StoreEvent[] = [];
    for (const change of changes) {
      if (change.revision <= this.#revision) continue; // delivered again after a reconnect
      const event = this.#applyOne(change);
      if (event) {
        events.push(event);
        this.#history.push(event);
      }
    }
    this.#revision = Math.max(this.#revision, changes.at(-1)?.revision ?? 0, revision ?? 0);
    if (events.length > 0) this.#hub.publish(events);
    this.#releaseWaiters();
  }

  /** Takes a whole new state, ending every watch: used at start, and when etcd compacted what was still to come. */
  replace(versions: Iterable<ObjectVersion>, revision: number): void {
    const index = new ObjectIndex();
    for (const version of versions) index.set(version);
    this.#index = index;
    this.#revision = revision;
    this.#history.restart(revision);
    this.#hub.endAll(new StoreError('Expired', 'the history was lost; list again'));
    this.#releaseWaiters();
  }

  /** Marks history up to a revision as gone. */
  compact(revision: number): void {
    this.#compacted = Math.max(this.#compacted, revision);
    this.#history.dropUpTo(Math.min(revision, this.#revision));
    this.#paged.clear();
  }

  get compactedRevision(): number {
    return this.#compacted;
  }

  watch(prefix: string, options: WatchOptions): StoreWatch {
    const { fromRevision } = options;
    if (fromRevision < this.#history.start) {
      return this.#hub.openExpired(prefix, options, `revision ${fromRevision} is older than ${this.#history.start}`);
    }
    return this.#hub.open(prefix, options, this.#history.after(fromRevision));
  }

  /** The present list. */
  list(prefix: string, options: ListOptions): ListResult {
    const all =
      options.nodeName === undefined ? this.#index.list(prefix) : this.#index.listByNode(prefix, options.nodeName);
    const page = cutPage(all, options);
    if (page.remaining > 0) this.#keepPaged(prefix, this.#revision, options, all);
    return { revision: this.#revision, ...page };
  }

  /** The list as it was at a revision, when history reaches back that far. */
  listAt(prefix: string, revision: number, options: ListOptions): ListResult | undefined {
    if (revision < this.#compacted) throw new StoreError('Expired', `revision ${revision} has been compacted`);
    if (revision === this.#revision) return this.list(prefix, options);
    const key = pagedKey(prefix, revision, options);
    const kept = this.#paged.get(key);
    if (kept) {
      const page = cutPage(kept, options);
      // Who has read the last page comes no more: what changed since need not be kept for it.
      if (page.remaining === 0) this.#paged.delete(key);
      return { revision, ...page };
    }
    if (revision < this.#history.start || revision > this.#revision) return undefined;
    const all = this.#rollBack(prefix, revision, options.nodeName);
    const page = cutPage(all, options);
    if (page.remaining > 0) this.#keepPaged(prefix, revision, options, all);
    return { revision, ...page };
  }

  /** Resolves once a revision is applied; false when that takes longer than `timeoutMs` or `signal` aborts. */
  async waitFor(revision: number, timeoutMs: number): Promise<boolean> {
    if (this.#revision >= revision) return true;
    let cancel: Cancel | undefined;
    const reached = await new Promise<boolean>((resolve) => {
      const waiter: Waiter = { revision, resolve: () => resolve(true) };
      this.#waiters.push(waiter);
      cancel = this.#clock.setTimeout(() => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        resolve(false);
      }, timeoutMs);
    });
    cancel?.();
    return reached;
  }

  /** Ends every watch quietly. */
  close(): void {
    this.#hub.endAll();
  }

  /** The list at an earlier revision: the present one with the later events undone. */
  #rollBack(prefix: string, revision: number, nodeName: string | undefined): readonly ObjectVersion[] {
    const versions = new Map(this.#index.list(prefix).map((version) => [version.key, version]));
    for (const event of this.#history.after(revision).toReversed()) {
      if (!event.object.key.startsWith(prefix)) continue;
      if (event.previous) versions.set(event.object.key, event.previous as ObjectVersion);
      else versions.delete(event.object.key);
    }
    const all = [...versions.values()].filter((version) => nodeName === undefined || version.nodeName === nodeName);
    return all.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  #keepPaged(prefix: string, revision: number, options: ListOptions, all: readonly ObjectVersion[]): void {
    const key = pagedKey(prefix, revision, options);
    this.#paged.delete(key);
    this.#paged.set(key, all);
    const oldest = this.#paged.size > keptPagedLists ? this.#paged.keys().next().value : undefined;
    if (oldest !== undefined) this.#paged.delete(oldest);
  }

  #applyOne({ key, revision, version }: Change): StoreEvent | undefined {
    const previous = this.#index.get(key);
    if (version) {
      this.#index.set(version);
      return { type: previous ? 'MODIFIED' : 'ADDED', revision, object: version, previous };
    }
    if (!previous) return undefined;
    this.#index.delete(key);
    return { type: 'DELETED', revision, object: previous.at(revision), previous };
  }

  #releaseWaiters(): void {
    if (this.#waiters.length === 0) return;
    const due = this.#waiters.filter((waiter) => waiter.revision <= this.#revision);
    if (due.length === 0) return;
    this.#waiters = this.#waiters.filter((waiter) => waiter.revision > this.#revision);
    for (const waiter of due) waiter.resolve();
  }
}

function pagedKey(prefix: string, revision: number, options: ListOptions): string {
  return `${prefix}\0${revision}\0${options.nodeName ?? ''}`;
}

/** The part of a sorted list after a key, up to a limit. */
export function cutPage<T extends { readonly key: string }>(
  all: readonly T[],
  { afterKey, limit }: Pick<ListOptions, 'afterKey' | 'limit'>,
): { items: readonly T[]; remaining: number } {
  const first = afterKey === undefined ? 0 : firstAfter(all, afterKey);
  const end = limit ? Math.min(first + limit, all.length) : all.length;
  const items = first === 0 && end === all.length ? all : all.slice(first, end);
  return { items, remaining: all.length - end };
}

function firstAfter(all: readonly { readonly key: string }[], key: string): number {
  let low = 0;
  let high = all.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((all[middle]?.key ?? '') <= key) low = middle + 1;
    else high = middle;
  }
  return low;
}
