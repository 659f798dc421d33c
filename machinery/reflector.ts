// Keeps a set of known objects equal to the server's: list in pages, watch from there, resume at the last revision seen.
// The reflector's rules: a watch that ends is resumed; one that the server calls expired starts over with a list, whose
// differences (also what vanished meanwhile) are applied as if they had been watched; failures wait with jitter.
import type { KubernetesObject } from '../api/meta/object-meta.ts';
import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';
import type { ResourceClient } from './rest-client.ts';
import { keyOf } from '../api/meta/object-meta.ts';
import { isApiError } from '../api/meta/status.ts';
import { createBackoff } from './backoff.ts';

export interface ReflectorOptions<T extends KubernetesObject> {
  resource: ResourceClient<T>;
  name: string;
  labelSelector?: string;
  fieldSelector?: string;
  known: { get(key: string): Readonly<T> | undefined; entries(): IterableIterator<[string, Readonly<T>]> };
  /** Sets or (undefined) removes an object. */
  apply(key: string, object: T | undefined): void;
  onListed(): void;
  /** Told the revision that the known objects have reached, before the changes of that revision are applied. */
  onRevision(resourceVersion: string): void;
  clock: Clock;
  logger: Logger;
  signal: AbortSignal;
}

const pageSize = 500;
/** A quiet watch is renewed after 5 to 10 minutes, so that watchers spread over the servers again. */
const watchSeconds = (): number => Math.round(300 * (1 + Math.random()));

/** Runs until the signal aborts; never rejects. */
export async function runReflector<T extends KubernetesObject>(options: ReflectorOptions<T>): Promise<void> {
  const { resource, name, known, apply, onListed, onRevision, clock, logger, signal } = options;
  const selectors = { labelSelector: options.labelSelector, fieldSelector: options.fieldSelector };
  const log = logger.child({ informer: name });
  const backoff = createBackoff({ initialMs: 200, maxMs: 30_000, jitter: 0.5 });
  let resourceVersion: string | undefined;

  const listAll = async (): Promise<string> => {
    const present = new Set<string>();
    let next: string | undefined;
    let version: string;
    do {
      const page = await resource.list({ ...selectors, limit: pageSize, continue: next, signal });
      version = page.metadata.resourceVersion ?? '';
      onRevision(version);
      for (const object of page.items) {
        const key = keyOf(object);
        present.add(key);
        if (known.get(key)?.metadata.resourceVersion !== object.metadata.resourceVersion) apply(key, object);
      }
      next = page.metadata.continue || undefined;
    } while (next !== undefined);
    const vanished = [...known.entries()].filter(([key]) => !present.has(key));
    for (const [key] of vanished) apply(key, undefined);
    return version;
  };

  const watchFrom = async (from: string): Promise<void> => {
    const events = resource.watch({
      ...selectors,
      resourceVersion: from,
      allowWatchBookmarks: true,
      timeoutSeconds: watchSeconds(),
      signal,
    });
    for await (const { type, object } of events) {
      resourceVersion = object.metadata.resourceVersion;
      onRevision(resourceVersion);
      backoff.reset();
      if (type === 'BOOKMARK') continue;
      apply(keyOf(object), type === 'DELETED' ? undefined : object);
    }
  };

  while (!signal.aborted) {
    try {
      if (resourceVersion === undefined) {
        resourceVersion = await listAll();
        onListed();
      }
      const startedMs = clock.now();
      await watchFrom(resourceVersion);
      // A server that ends watches at once must not be asked in a tight loop.
      if (clock.now() - startedMs < 1_000) await clock.sleep(backoff.nextMs(), signal);
    } catch (err) {
      if (signal.aborted) return;
      if (isApiError(err, 'Expired') || isApiError(err, 'Gone')) resourceVersion = undefined;
      const delayMs = backoff.nextMs();
      const why = isApiError(err) ? { reason: err.status.reason, why: err.message } : { err };
      log[delayMs > 2_000 ? 'warn' : 'debug']({ ...why, delayMs }, 'list or watch failed; trying again');
      await clock.sleep(delayMs, signal);
    }
  }
}
