// Waiting on conditions instead of on time.
import type { Clock } from './clock.ts';
import { systemClock } from './clock.ts';

export interface WaitOptions {
  timeoutMs: number;
  /** Between two looks; 100 ms by default. */
  intervalMs?: number;
  signal?: AbortSignal;
  clock?: Clock;
  /** Completes the sentence "timed out waiting for …". */
  what?: string;
}

/**
 * Looks until the condition answers something truthy, and returns that. A condition that throws counts as not yet true.
 * Throws after `timeoutMs` (with the last failure as cause), or the signal's reason when it aborts.
 */
export async function waitFor<T>(condition: () => T | Promise<T>, options: WaitOptions): Promise<NonNullable<T>> {
  const { timeoutMs, intervalMs = 100, signal, clock = systemClock, what = 'a condition' } = options;
  const deadlineMs = clock.now() + timeoutMs;
  let cause: unknown;
  for (;;) {
    signal?.throwIfAborted();
    try {
      const value = await condition();
      if (value) return value as NonNullable<T>;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (clock.now() >= deadlineMs) throw new Error(`timed out after ${timeoutMs} ms waiting for ${what}`, { cause });
    await clock.sleep(Math.min(intervalMs, deadlineMs - clock.now()), signal);
  }
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
