// Time that only ever goes on, at the pace of timers: a wall clock that is set forward must not make every node look
// silent at once, nor one set back keep a dead node alive. A process that slept counts the sleep as one tick.
import type { Clock } from '../../../machinery/clock.ts';

export interface SteadyTime {
  /** Milliseconds since the start, to the tick. */
  now(): number;
}

/** Ticks until the signal aborts. */
export function startSteadyTime(clock: Clock, tickMs: number, signal: AbortSignal): SteadyTime {
  let elapsedMs = 0;
  const tick = async (): Promise<void> => {
    while (!signal.aborted) {
      await clock.sleep(tickMs, signal);
      elapsedMs += tickMs;
    }
  };
  void tick();
  return { now: () => elapsedMs };
}
