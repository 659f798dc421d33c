// The loop of the firewall and the routes: collects the keys that changed and hands over all of them at once, because one
// transaction for everything dirty is what makes a burst of changes cheap (runController hands out keys one by one).
// Guarantees: one sync at a time; a key that changes during a sync is handed over again; a failed sync gets its keys back
// after a back-off; `repair` runs between syncs, at the latest every `repairEveryMs`.
import { createBackoff } from '../../machinery/backoff.ts';
import type { Clock } from '../../machinery/clock.ts';
import { systemClock } from '../../machinery/clock.ts';
import type { Logger } from '../../machinery/logger.ts';

export interface BatchLoopOptions {
  readonly name: string;
  /** Subscribes to what changes; `add` marks a key dirty. Answers the unsubscribing. */
  subscribe(add: (key: string) => void): () => void;
  /** Makes the world agree for these keys. */
  sync(keys: ReadonlySet<string>, signal: AbortSignal): Promise<void>;
  /** Puts right what others have changed behind our back. */
  repair(signal: AbortSignal): Promise<void>;
  readonly repairEveryMs: number;
  /** The shortest time from one sync to the next, for loops that would look at everything for each of many changes. */
  readonly restMs?: number;
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly signal: AbortSignal;
}

/** Runs until the signal aborts; never throws. */
export async function runBatchLoop(options: BatchLoopOptions): Promise<void> {
  const { name, logger, signal, repairEveryMs, restMs = 0, clock = systemClock } = options;
  const backoff = createBackoff({ initialMs: 100, maxMs: 10_000 });
  let dirty = new Set<string>();
  let wake: () => void = () => undefined;
  const unsubscribe = options.subscribe((key) => {
    dirty.add(key);
    wake();
  });
  let repairDueMs = clock.now() + repairEveryMs;

  const idle = (): Promise<void> =>
    new Promise((resolve) => {
      const cancel = clock.setTimeout(() => wake(), Math.max(0, repairDueMs - clock.now()));
      const abort = (): void => wake();
      wake = () => {
        wake = () => undefined;
        cancel();
        signal.removeEventListener('abort', abort);
        resolve();
      };
      signal.addEventListener('abort', abort, { once: true });
      if (signal.aborted || dirty.size > 0) wake();
    });

  while (!signal.aborted) {
    const keys = dirty;
    dirty = new Set();
    try {
      if (keys.size > 0) await options.sync(keys, signal);
      if (clock.now() >= repairDueMs) {
        repairDueMs = clock.now() + repairEveryMs;
        await options.repair(signal);
      }
      backoff.reset();
      if (restMs > 0 && keys.size > 0) await clock.sleep(restMs, signal);
      await idle();
    } catch (err) {
      for (const key of keys) dirty.add(key);
      const retryMs = backoff.nextMs();
      if (!signal.aborted) logger.warn({ err, retryMs }, `${name}: could not be brought up to date`);
      await clock.sleep(retryMs, signal);
    }
  }
  unsubscribe();
}
