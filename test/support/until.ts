// Waits on conditions, never on time alone.
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Calls `probe` until it answers something truthy, and answers that. After `timeoutMs` it throws with `what` and the
 * last error or answer, so that the failure says what was being waited for.
 */
export async function until<T>(
  what: string,
  probe: () => Promise<T> | T,
  timeoutMs = 60_000,
  everyMs = 200,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await probe();
      if (answer) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) {
      throw new Error(
        `waited ${timeoutMs} ms for ${what}; last: ${last instanceof Error ? last.message : JSON.stringify(last)}`,
        { cause: last },
      );
    }
    await sleep(everyMs);
  }
}
