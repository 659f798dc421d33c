// Runs a container's postStart and preStop handlers. Resolves with the failure's sentence, or undefined when it went well.
import type { LifecycleHandler } from '../../../api/kinds/core/index.ts';
import type { KubeletParts } from '../parts.ts';
import { runProbe } from '../probes/run-probe.ts';
import type { ProbeTarget } from '../probes/run-probe.ts';

/** `timeoutMs` bounds the handler; the signal gives it up early. */
export async function runHook(
  handler: LifecycleHandler,
  target: ProbeTarget,
  { runtime, clock }: Pick<KubeletParts, 'runtime' | 'clock'>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (handler.sleep !== undefined) {
    await clock.sleep(Math.min(handler.sleep.seconds * 1000, timeoutMs), signal);
    return undefined;
  }
  const waiting = new AbortController();
  const abort = (): void => waiting.abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    const outcome = await Promise.race([
      runProbe(handler, target, { runtime, clock, timeoutMs }),
      clock.sleep(timeoutMs, waiting.signal).then(() => ({ isSuccess: false, message: 'it was given up' })),
    ]);
    return outcome.isSuccess ? undefined : outcome.message;
  } finally {
    waiting.abort();
    signal.removeEventListener('abort', abort);
  }
}
