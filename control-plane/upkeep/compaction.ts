// Forgets etcd's history: every five minutes, what was already there five minutes earlier, as upstream does.
// Any number of masters may do it; compacting twice is harmless.
import type { Clock } from '../../machinery/clock.ts';
import type { Logger } from '../../machinery/logger.ts';
import type { Store } from '../store/contract.ts';

export interface CompactionOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Default five minutes. */
  readonly intervalMs?: number;
}

/** Runs until the signal aborts. */
export async function runCompaction(options: CompactionOptions): Promise<void> {
  const { store, clock, logger, signal, intervalMs = 300_000 } = options;
  let earlier: number | undefined;
  while (!signal.aborted) {
    try {
      const now = await store.currentRevision();
      if (earlier !== undefined && earlier < now) await store.compact(earlier);
      earlier = now;
    } catch (err) {
      if (!signal.aborted) logger.warn({ err }, 'compacting etcd; trying again in the next round');
    }
    await clock.sleep(intervalMs, signal);
  }
}
