// Patience with a cluster that is changing: etcd refuses a second change for some seconds, API servers restart.
import { systemClock } from '../../machinery/clock.ts';

/** Tries again every second until `change` is accepted; throws the last refusal when time is up or the signal aborts. */
export async function persist<T>(
  signal: AbortSignal | undefined,
  timeoutMs: number,
  change: () => Promise<T>,
): Promise<T> {
  const deadline = systemClock.now() + timeoutMs;
  for (;;) {
    try {
      return await change();
    } catch (error) {
      if (signal?.aborted === true || systemClock.now() > deadline) throw error;
    }
    await systemClock.sleep(1_000, signal);
  }
}
