// The agent's way out: what must still be done between being asked to end and ending.

export interface Leaving {
  /** Aborts after the last things are done. */
  readonly signal: AbortSignal;
  /** Names what is to be done first; it must not reject. */
  doBefore(last: () => Promise<void>): void;
}

export function createLeaving(asked: AbortSignal): Leaving {
  const controller = new AbortController();
  let last = (): Promise<void> => Promise.resolve();
  const leave = (): void => void last().finally(() => controller.abort());
  if (asked.aborted) leave();
  else asked.addEventListener('abort', leave, { once: true });
  return { signal: controller.signal, doBefore: (next) => void (last = next) };
}
