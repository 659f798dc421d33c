// What must be stopped, in reverse order of its start; one that fails or hangs does not keep the others from stopping.
import { systemClock } from '../machinery/clock.ts';
import type { Logger } from '../machinery/logger.ts';

const patienceMs = 2_000;

export interface StopStack {
  /** Adds something to stop. */
  push(what: string, stop: () => Promise<void>): void;
  /** Starts a loop that ends when its signal aborts, and adds its end. */
  run(what: string, loop: (signal: AbortSignal) => Promise<void>): void;
  /** Stops everything; never rejects. */
  stopAll(): Promise<void>;
}

export function createStopStack(logger: Logger): StopStack {
  const stack: { readonly what: string; readonly stop: () => Promise<void> }[] = [];
  const push = (what: string, stop: () => Promise<void>): void => void stack.push({ what, stop });
  return {
    push,

    run(what, loop) {
      const ending = new AbortController();
      const running = loop(ending.signal).catch((err: unknown) => {
        if (!ending.signal.aborted) logger.error({ err }, `${what} failed`);
      });
      push(what, () => {
        ending.abort();
        return running;
      });
    },

    async stopAll() {
      for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
        const { what, stop } = top;
        try {
          const timeout = new AbortController();
          const late = systemClock.sleep(patienceMs, timeout.signal).then(() => {
            if (!timeout.signal.aborted) logger.warn(`${what} takes too long to stop; going on`);
          });
          await Promise.race([stop(), late]);
          timeout.abort();
        } catch (err) {
          logger.warn({ err }, `stopping ${what}`);
        }
      }
    },
  };
}
