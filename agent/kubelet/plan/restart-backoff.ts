// How long a container that keeps ending waits before it starts again: the first restart is immediate, then 10 s,
// doubling to 5 min; forgotten after it has run for twice the longest wait. Upstream's behaviour (client-go flowcontrol).

export const firstDelayMs = 10_000;
export const longestDelayMs = 300_000;

export interface RestartBackoff {
  /** Until when a container that ended at `finishedAtMs` must wait; undefined when it may start. */
  waitUntilMs(key: string, finishedAtMs: number, nowMs: number): number | undefined;
  /** Counts a restart; the next one waits longer. */
  restarted(key: string, finishedAtMs: number, nowMs: number): void;
  /** The wait that now applies, for the message. */
  delayMs(key: string): number;
  /** Forgets all keys that begin so. */
  forget(prefix: string): void;
}

export function createRestartBackoff(): RestartBackoff {
  const entries = new Map<string, { delayMs: number; updatedAtMs: number }>();
  const isOld = (updatedAtMs: number, eventMs: number): boolean => eventMs - updatedAtMs > 2 * longestDelayMs;
  return {
    waitUntilMs(key, finishedAtMs, nowMs) {
      const entry = entries.get(key);
      if (entry === undefined || isOld(entry.updatedAtMs, finishedAtMs)) return undefined;
      const untilMs = finishedAtMs + entry.delayMs;
      return untilMs > nowMs ? untilMs : undefined;
    },
    restarted(key, finishedAtMs, nowMs) {
      const entry = entries.get(key);
      const isFresh = entry === undefined || isOld(entry.updatedAtMs, finishedAtMs);
      entries.set(key, {
        delayMs: isFresh ? firstDelayMs : Math.min(entry.delayMs * 2, longestDelayMs),
        updatedAtMs: nowMs,
      });
    },
    delayMs: (key) => entries.get(key)?.delayMs ?? 0,
    forget(prefix) {
      for (const key of entries.keys()) if (key.startsWith(prefix)) entries.delete(key);
    },
  };
}
