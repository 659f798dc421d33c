// How long to wait before trying again: exponential, capped and jittered, so that many losers do not return together.

export interface BackoffOptions {
  initialMs: number;
  maxMs: number;
  /** Growth per failure; 2 by default. */
  factor?: number;
  /** A delay is drawn from [delay × (1 − jitter), delay]; 0.2 by default. */
  jitter?: number;
  /** Uniform in [0, 1); tests make it constant. */
  random?: () => number;
}

/** The wait after the n-th failure in a row (0 for the first). */
export function backoffDelayMs(failures: number, options: BackoffOptions): number {
  const { initialMs, maxMs, factor = 2, jitter = 0.2, random = Math.random } = options;
  const fullMs = Math.min(initialMs * factor ** Math.min(failures, 64), maxMs);
  return Math.round(fullMs * (1 - jitter * random()));
}

export interface Backoff {
  /** The next wait; each call counts one more failure. */
  nextMs(): number;
  /** Forget the failures: something worked. */
  reset(): void;
}

/** Counts failures of one thing. */
export function createBackoff(options: BackoffOptions): Backoff {
  let failures = 0;
  return {
    nextMs: () => backoffDelayMs(failures++, options),
    reset() {
      failures = 0;
    },
  };
}

export interface KeyedBackoff {
  nextMs(key: string): number;
  reset(key: string): void;
  failures(key: string): number;
}

/** Counts failures per key; a key that never failed, or was reset, takes no memory. */
export function createKeyedBackoff(options: BackoffOptions): KeyedBackoff {
  const counts = new Map<string, number>();
  return {
    nextMs(key) {
      const failures = counts.get(key) ?? 0;
      counts.set(key, failures + 1);
      return backoffDelayMs(failures, options);
    },
    reset: (key) => void counts.delete(key),
    failures: (key) => counts.get(key) ?? 0,
  };
}
