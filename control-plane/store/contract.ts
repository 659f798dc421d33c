// What every store promises: truth is etcd's revision; a write is one transaction guarded by the object's revision;
// reads and watches come from a cache that knows how fresh it is. Both implementations pass one suite (contract-suite.ts).
// Left to the server: resources, names, selectors other than the pod's node, and turning StoreError into Status.
import type { KubernetesObject } from '../../api/meta/object-meta.ts';

/** One version of one object. Immutable; `bytes` is shared by every reader and must not be changed. */
export interface StoredObject {
  readonly key: string;
  /** etcd's mod revision, equal to metadata.resourceVersion in `bytes`. */
  readonly revision: number;
  /** Canonical JSON as served, resourceVersion included. */
  readonly bytes: Uint8Array;
  /** A fresh copy that the caller owns and may change. */
  parse(): KubernetesObject;
  /** A parsed value, shared by all who ask in one turn of the event loop, and by all while it is asked for often: read only. */
  peek(): KubernetesObject;
}

/**
 * `latest`: everything acknowledged anywhere before the call is seen (linearizable; the default).
 * `cache`: whatever the cache holds now. `atLeast`: wait until the cache has reached that revision.
 */
export type Consistency = 'latest' | 'cache' | { readonly atLeast: number };

/** A leader's guard: the write lands only while the object at `key` (its Lease) satisfies `holds`. */
export interface Fence {
  readonly key: string;
  readonly holds: (lease: KubernetesObject) => boolean;
}

export interface WriteOptions {
  readonly fence?: Fence;
}

export interface GetOptions {
  readonly consistency?: Consistency;
}

export interface ListOptions {
  readonly consistency?: Consistency;
  /** Exactly this revision (`expired` when it is compacted); wins over `consistency`. */
  readonly revision?: number;
  /** At most this many items; 0 or absent means all. */
  readonly limit?: number;
  /** Continue strictly after this key; goes with the first page's revision. */
  readonly afterKey?: string;
  /** Pods only: those bound to this node, from the index. */
  readonly nodeName?: string;
}

export interface ListResult {
  /** The revision that the list shows; a watch from it misses nothing. */
  readonly revision: number;
  /** In key order. */
  readonly items: readonly StoredObject[];
  /** How many follow the last item. */
  readonly remaining: number;
}

/** One change. For `DELETED`, `object` is the last state with the revision of the deletion. */
export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly revision: number;
  readonly object: StoredObject;
  /** The state before; absent for ADDED. With a selector, compare it with `object` to tell entering from leaving. */
  readonly previous?: StoredObject;
}

export interface WatchOptions {
  /** Events after this revision are delivered; older than the history means `Expired` at once. */
  readonly fromRevision: number;
  readonly signal: AbortSignal;
  /** Pods only: events where the pod is, or was until this event, bound to this node. */
  readonly nodeName?: string;
  /** Events that may wait unread before the watch is cut as `Expired` (default 10,000). */
  readonly maxBuffered?: number;
}

/**
 * Delivers batches in revision order, each event once. Iteration ends quietly on abort or close, and throws
 * StoreError `Expired` when history is gone or the reader was too slow.
 */
export interface StoreWatch extends AsyncIterable<readonly StoreEvent[]> {
  /** The revision up to which everything has been handed to the reader: good for a bookmark. */
  progress(): number;
  close(): void;
}

/** Facts about the store and its members, for health pages. */
export interface StoreHealth {
  readonly kind: 'memory' | 'etcd';
  readonly members: readonly StoreMember[];
}

export interface StoreMember {
  readonly name: string;
  readonly endpoint: string;
  readonly healthy: boolean;
  readonly leader: boolean;
  readonly version: string;
  readonly dbSizeBytes: number;
  readonly latencyMs: number;
  /** Entries of the log that it has not applied yet. */
  readonly lag?: number;
  readonly message?: string;
}

export interface Store {
  /** Fails with AlreadyExists. */
  create(key: string, object: KubernetesObject, options?: WriteOptions): Promise<StoredObject>;
  /**
   * Replaces the version `expectedRevision`; fails with NotFound, or with Conflict carrying the current version.
   * An update that changes nothing writes nothing and answers the stored version.
   */
  update(
    key: string,
    object: KubernetesObject,
    expectedRevision: number,
    options?: WriteOptions,
  ): Promise<StoredObject>;
  /** Answers the last state, stamped with the revision of the deletion. Fails with NotFound or Conflict. */
  delete(key: string, expectedRevision?: number, options?: WriteOptions): Promise<StoredObject>;
  get(key: string, options?: GetOptions): Promise<StoredObject | undefined>;
  /** `prefix` ends with '/': a resource's, or that plus 'namespace/'. */
  list(prefix: string, options?: ListOptions): Promise<ListResult>;
  /** How many objects the cache has below a prefix. */
  count(prefix: string): number;
  /** `prefix` is a resource's, that plus 'namespace/', or one whole key. */
  watch(prefix: string, options: WatchOptions): StoreWatch;
  /** A revision no older than anything acknowledged before the call. */
  currentRevision(): Promise<number>;
  /** The cache's own revision, without waiting. */
  cachedRevision(): number;
  /** Resolves while the cache follows the store; rejects with Unavailable otherwise. For readyz. */
  checkReady(): Promise<void>;
  compact(revision: number): Promise<void>;
  health(): Promise<StoreHealth>;
  close(): Promise<void>;
}
