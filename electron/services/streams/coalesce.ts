// Runs a function after something changed: soon the first time, then at most once per interval.
import type { Cancel, Clock } from '../../../machinery/clock.ts';

export interface Coalesced {
  /** Asks for a run. */
  request(): void;
  /** Drops what is pending. */
  cancel(): void;
}

/** A coalesced `run`; requests while one is pending are one. */
export function coalesce(clock: Clock, intervalMs: number, run: () => void): Coalesced {
  let pending: Cancel | undefined;
  let quietUntilMs = 0;
  return {
    request() {
      pending ??= clock.setTimeout(
        () => {
          pending = undefined;
          quietUntilMs = clock.now() + intervalMs;
          run();
        },
        Math.max(0, quietUntilMs - clock.now()),
      );
    },
    cancel() {
      pending?.();
      pending = undefined;
    },
  };
}
