// One AbortSignal for the whole command: SIGINT, SIGTERM or SIGHUP aborts it, and the command ends within its grace.

const graceMs = 4500;

/**
 * Aborts on the first SIGINT, SIGTERM or SIGHUP. If the command has not ended 4.5 s later, or a second signal comes,
 * the process exits with 1, so that a supervisor that gives 5 s never has to kill it.
 */
export function abortOnSignals(): AbortSignal {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(1);
    controller.abort(new DOMException(`stopped by ${name}`, 'AbortError'));
    setTimeout(() => process.exit(1), graceMs).unref();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, stop);
  return controller.signal;
}

/** Whether this error only says that the signal was aborted. */
export function isAbort(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted && (error === signal.reason || (error instanceof Error && error.name === 'AbortError'));
}
