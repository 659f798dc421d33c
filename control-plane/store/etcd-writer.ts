// Writes to etcd: one transaction each, guarded by the key's mod revision and, for leaders, by their Lease's.
// A write whose answer was lost is tried again: the guard keeps it from landing twice, and finding our own bytes in
// place means that the first try had landed.
import type { KubernetesObject } from '../../api/meta/object-meta.ts';
import { systemClock } from '../../machinery/clock.ts';
import { isEtcdError } from '../../machinery/etcd/index.ts';
import type { EtcdClient, EtcdKeyValue, GuardedResult, GuardedWrite } from '../../machinery/etcd/index.ts';
import type { Fence, StoredObject, WriteOptions } from './contract.ts';
import { StoreError } from './errors.ts';
import type { StoreErrorReason } from './errors.ts';
import type { Freshness } from './freshness.ts';
import { encodeObject, isSameState, versionFromOwn, versionFromValue } from './stored-object.ts';
import type { ObjectVersion } from './stored-object.ts';
import type { WatchCache } from './watch-cache.ts';

/** Longer than one call may take, so that a slow disk gets a second chance; shorter than clients wait. */
const writeTimeoutMs = 25_000;
const retryDelayMs = 100;
const fenceAttempts = 5;
const keptOwnWrites = 4096;

interface WriterOptions {
  readonly client: EtcdClient;
  readonly cache: WatchCache;
  /** Our own versions by revision, so that the feed need not build them again. */
  readonly ownWrites: Map<number, ObjectVersion>;
  readonly freshness: Freshness;
}

export interface EtcdWriter {
  create(key: string, object: KubernetesObject, options?: WriteOptions): Promise<StoredObject>;
  update(
    key: string,
    object: KubernetesObject,
    expectedRevision: number,
    options?: WriteOptions,
  ): Promise<StoredObject>;
  delete(key: string, expectedRevision?: number, options?: WriteOptions): Promise<StoredObject>;
}

type Outcome =
  { readonly revision: number; readonly previous?: EtcdKeyValue } | { readonly found: EtcdKeyValue | undefined };

export function createEtcdWriter({ client, cache, ownWrites, freshness }: WriterOptions): EtcdWriter {
  const remember = (key: string, revision: number, value: Buffer, object: KubernetesObject): ObjectVersion => {
    const version = versionFromOwn(key, revision, value, object);
    if (cache.revision < revision) {
      ownWrites.set(revision, version);
      const oldest = ownWrites.size > keptOwnWrites ? ownWrites.keys().next().value : undefined;
      if (oldest !== undefined) ownWrites.delete(oldest);
    }
    return version;
  };

  /** One guarded write with its fence; answers what was found instead when the key's own guard failed. */
  const attempt = async (
    key: string,
    modRevision: number,
    write: GuardedWrite['write'],
    fence?: Fence,
  ): Promise<Outcome> => {
    for (let tries = 0; tries < fenceAttempts; tries++) {
      const lease = fence && (await holdLease(fence, tries > 0));
      const guards = [{ key, modRevision }, ...(lease ? [{ key: lease.key, modRevision: lease.revision }] : [])];
      const { result, retried } = await transact(client, { guards, write, otherwiseRead: [key] });
      if (result.landed) return { revision: result.revision, previous: result.previous };
      const found = result.found[0];
      const ours = retried && landedBefore(write, found, modRevision);
      if (ours) return { revision: found?.modRevision ?? result.revision };
      if ((found?.modRevision ?? 0) !== modRevision) return { found };
      // Only the lease's guard failed: it was renewed meanwhile, or taken.
    }
    throw new StoreError('Unavailable', `the lease ${fence?.key ?? ''} changes too fast to write under it`);
  };

  /** The lease as this cache has it; a guard that then fails makes it look again, linearizably. */
  const holdLease = async (fence: Fence, isRetry: boolean): Promise<ObjectVersion> => {
    const known = cache.get(fence.key);
    if (!isRetry && known && fence.holds(known.peek())) return known;
    await freshness.reachLatest();
    const lease = cache.get(fence.key);
    if (lease && fence.holds(lease.peek())) return lease;
    throw new StoreError('Fenced', `the writer no longer holds ${fence.key}`);
  };

  return {
    async create(key, object, options) {
      const value = encodeObject(object);
      const outcome = await attempt(key, 0, { put: key, value }, options?.fence);
      if ('revision' in outcome) return remember(key, outcome.revision, value, object);
      throw new StoreError('AlreadyExists', `${key} exists`, { current: versionOf(outcome.found) });
    },

    async update(key, object, expectedRevision, options) {
      const value = encodeObject(object);
      // Our own last write may not have come back through the watch yet.
      const own = ownWrites.get(expectedRevision);
      const known = own?.key === key ? own : cache.get(key);
      if (known?.revision === expectedRevision && isSameState(known, value)) return known;
      const outcome = await attempt(key, expectedRevision, { put: key, value }, options?.fence);
      if ('revision' in outcome) return remember(key, outcome.revision, value, object);
      throw conflict(key, expectedRevision, outcome.found);
    },

    async delete(key, expectedRevision, options) {
      let expected = expectedRevision ?? cache.get(key)?.revision ?? 0;
      for (;;) {
        const known = cache.get(key);
        const outcome = await attempt(key, expected || -1, { delete: key }, options?.fence);
        if ('revision' in outcome) {
          const value = outcome.previous?.value ?? known?.bytes;
          if (!value) throw new StoreError('NotFound', `${key} does not exist`);
          return versionFromValue(key, outcome.revision, value, known);
        }
        if (expectedRevision !== undefined || !outcome.found) throw conflict(key, expected, outcome.found);
        expected = outcome.found.modRevision;
      }
    },
  };
}

/** Runs a transaction until it answers or time is up. `retried`: an earlier try may have landed. */
async function transact(client: EtcdClient, write: GuardedWrite): Promise<{ result: GuardedResult; retried: boolean }> {
  const untilMs = performance.now() + writeTimeoutMs;
  for (let retried = false; ; retried = true) {
    try {
      return { result: await client.transact(write), retried };
    } catch (error) {
      if (!isEtcdError(error, 'unavailable') || performance.now() > untilMs) throw translateEtcdError(error);
      await systemClock.sleep(retryDelayMs);
    }
  }
}

function landedBefore(write: GuardedWrite['write'], found: EtcdKeyValue | undefined, guarded: number): boolean {
  if ('delete' in write) return found === undefined && guarded > 0;
  return found !== undefined && found.modRevision > guarded && found.value.equals(write.value);
}

function versionOf(found: EtcdKeyValue | undefined): StoredObject | undefined {
  return found && versionFromValue(found.key, found.modRevision, found.value);
}

function conflict(key: string, expected: number, found: EtcdKeyValue | undefined): StoreError {
  if (!found) return new StoreError('NotFound', `${key} does not exist`);
  const message = `${key} is at ${found.modRevision}, not ${expected}`;
  return new StoreError('Conflict', message, { current: versionOf(found) });
}

const reasons: Readonly<Record<string, StoreErrorReason>> = {
  compacted: 'Expired',
  future: 'TooLargeRevision',
  'too-large': 'TooLarge',
};

/** etcd's failures as the store's. */
export function translateEtcdError(error: unknown): unknown {
  if (!isEtcdError(error)) return error;
  return new StoreError(reasons[error.failure] ?? 'Unavailable', error.message, { cause: error });
}
