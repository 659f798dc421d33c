// The one loop shape of the house: changes become keys, keys are reconciled, failures come back after a backoff.
// Guarantees: reconcile sees each key in one worker at a time, and again whenever something changed meanwhile; it first
// runs when every source is in sync; nothing it throws ends the loop; after abort no new reconcile starts.
import type { KubernetesObject } from '../api/meta/object-meta.ts';
import type { Change, Informer } from './informer.ts';
import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';
import { isApiError } from '../api/meta/status.ts';
import { createKeyedBackoff } from './backoff.ts';
import { systemClock } from './clock.ts';
import { silentLogger } from './logger.ts';
import { createWorkQueue } from './work-queue.ts';
import { aborted } from './wait.ts';

/** Something whose changes name keys to look at. */
export interface Source {
  whenSynced(signal: AbortSignal): Promise<void>;
  /** Starts naming keys; returns how to stop. */
  start(enqueue: (key: string, afterMs?: number) => void): () => void;
}

/**
 * Makes a source of an informer. `keysOf` is asked for the new and for the old state of what changed and says whose
 * reconcile that concerns; by default the object's own key.
 */
export function watchFor<T extends KubernetesObject>(
  informer: Informer<T>,
  keysOf?: (object: Readonly<T>, change: Change<T>) => readonly string[],
): Source {
  return {
    whenSynced: (signal) => informer.whenSynced(signal),
    start: (enqueue) =>
      informer.onDidChange((change) => {
        if (keysOf === undefined) return enqueue(change.key);
        const keys = new Set<string>();
        if (change.previous) for (const key of keysOf(change.previous, change)) keys.add(key);
        if (change.current) for (const key of keysOf(change.current, change)) keys.add(key);
        for (const key of keys) enqueue(key);
      }),
  };
}

/** A source that other code drives: Docker events, timers, a console's request. */
export function createTrigger(): Source & { enqueue(key: string, afterMs?: number): void } {
  const sinks = new Set<(key: string, afterMs?: number) => void>();
  return {
    whenSynced: () => Promise.resolve(),
    start(enqueue) {
      sinks.add(enqueue);
      return () => void sinks.delete(enqueue);
    },
    enqueue(key, afterMs) {
      for (const sink of sinks) sink(key, afterMs);
    },
  };
}

export interface ControllerOptions {
  name: string;
  sources: readonly Source[];
  /** Brings the world nearer to what the key's objects ask; must be idempotent. */
  reconcile(key: string, signal: AbortSignal): Promise<{ requeueAfterMs?: number } | void>;
  /** Reconciles at a time; 4 by default. */
  workers?: number;
  /** Waits after failures; 50 ms to 60 s by default. */
  backoff?: { initialMs: number; maxMs: number };
  signal: AbortSignal;
  clock?: Clock;
  logger?: Logger;
}

/** Runs until the signal aborts and the reconciles in hand have ended; never rejects. */
export async function runController(options: ControllerOptions): Promise<void> {
  const { name, sources, reconcile, workers = 4, signal, clock = systemClock, logger = silentLogger } = options;
  const backoff = createKeyedBackoff(options.backoff ?? { initialMs: 50, maxMs: 60_000 });
  const queue = createWorkQueue(clock);
  const log = logger.child({ controller: name });

  const work = async (): Promise<void> => {
    for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
      try {
        const result = await reconcile(key, signal);
        backoff.reset(key);
        if (result?.requeueAfterMs !== undefined) queue.addAfter(key, result.requeueAfterMs);
      } catch (err) {
        if (!signal.aborted) retry(key, err);
      } finally {
        queue.done(key);
      }
    }
  };
  const retry = (key: string, err: unknown): void => {
    const delayMs = backoff.nextMs(key);
    const isRoutine = isApiError(err, 'Conflict') || backoff.failures(key) < 3;
    // What the server answered needs no stack; anything else may be a fault of ours.
    const why = isApiError(err) ? { reason: err.status.reason, why: err.message } : { err };
    log[isRoutine ? 'debug' : 'warn']({ ...why, key, delayMs }, 'reconcile failed; it will be tried again');
    queue.addAfter(key, delayMs);
  };

  try {
    await Promise.all(sources.map((source) => source.whenSynced(signal)));
  } catch (err) {
    if (signal.aborted) return;
    throw err;
  }
  const stops = sources.map((source) => source.start((key, afterMs) => queue.addAfter(key, afterMs ?? 0)));
  const working = Array.from({ length: workers }, work);
  await aborted(signal);
  for (const stop of stops) stop();
  queue.close();
  await Promise.all(working);
}
