// Time as a dependency: everything that waits or reads the time takes a Clock, so tests run loops without sleeping.
// Guarantees: timers never keep a promise pending after their signal aborts; the fake clock fires timers in due order.
import { setTimeout as nodeSetTimeout, clearTimeout as nodeClearTimeout } from 'node:timers';

/** Cancels what returned it; calling it again does nothing. */
export type Cancel = () => void;

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `fn` once after `delayMs`, unless cancelled. */
  setTimeout(fn: () => void, delayMs: number): Cancel;
  /** Resolves after `delayMs`, or at once (without error) when the signal aborts: check `signal.aborted` afterwards. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

export interface FakeClock extends Clock {
  /** Moves time forward, firing due timers in order and letting promises settle after each. */
  advance(byMs: number): Promise<void>;
  /** Lets promises settle without moving time. */
  settle(): Promise<void>;
  /** How many timers are waiting. */
  readonly pendingTimers: number;
}

const longestDelayMs = 0x7fff_ffff;

function sleepOn(clock: Pick<Clock, 'setTimeout'>, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const finish = (): void => {
      cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = clock.setTimeout(finish, delayMs);
    signal?.addEventListener('abort', finish, { once: true });
  });
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout(fn, delayMs) {
    const timer = nodeSetTimeout(fn, Math.min(Math.max(delayMs, 0), longestDelayMs));
    return () => nodeClearTimeout(timer);
  },
  sleep: (delayMs, signal) => sleepOn(systemClock, delayMs, signal),
};

/** A clock that moves only when told to; starts at `startMs` (2026-01-01 by default). */
export function createFakeClock(startMs: number = Date.UTC(2026, 0, 1)): FakeClock {
  let nowMs = startMs;
  let sequence = 0;
  const timers = new Map<number, { dueMs: number; fn: () => void }>();

  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 3; turn++) await new Promise<void>((resolve) => void setImmediate(resolve));
  };
  const nextDue = (untilMs: number): [number, { dueMs: number; fn: () => void }] | undefined => {
    let best: [number, { dueMs: number; fn: () => void }] | undefined;
    for (const entry of timers) {
      if (entry[1].dueMs <= untilMs && (best === undefined || entry[1].dueMs < best[1].dueMs)) best = entry;
    }
    return best;
  };

  const clock: FakeClock = {
    now: () => nowMs,
    setTimeout(fn, delayMs) {
      const id = sequence++;
      timers.set(id, { dueMs: nowMs + Math.max(delayMs, 0), fn });
      return () => void timers.delete(id);
    },
    sleep: (delayMs, signal) => sleepOn(clock, delayMs, signal),
    async advance(byMs) {
      const untilMs = nowMs + byMs;
      await settle();
      for (let due = nextDue(untilMs); due !== undefined; due = nextDue(untilMs)) {
        timers.delete(due[0]);
        nowMs = Math.max(nowMs, due[1].dueMs);
        due[1].fn();
        await settle();
      }
      nowMs = untilMs;
    },
    settle,
    get pendingTimers() {
      return timers.size;
    },
  };
  return clock;
}
