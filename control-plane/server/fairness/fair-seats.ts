// Bounds how many requests run at once, and shares the places fairly: when all are taken, each flow (user) waits in its
// own line and the lines take turns, so that a flood of one client costs the others one place, not their turn.
// A line that grows too long is refused with 429 rather than kept in memory.
import { tooManyRequests } from '../../../api/meta/status.ts';

/** Gives the place back; calling it again does nothing. */
export type Release = () => void;

/** The places. */
export interface FairSeats {
  /** Resolves when there is a place; rejects with TooManyRequests when the flow's line is full. Never waits while places are free. */
  enter(flow: string): Release | Promise<Release>;
  readonly running: number;
  readonly waiting: number;
}

/** Bounds of the places. */
export interface FairSeatsOptions {
  readonly seats: number;
  readonly longestLine: number;
  readonly mostWaiting: number;
}

type Waiter = (release: Release) => void;

/** Creates the places. */
export function createFairSeats({ seats, longestLine, mostWaiting }: FairSeatsOptions): FairSeats {
  // Map order is turn order: a flow that was served goes to the end.
  const lines = new Map<string, Waiter[]>();
  let running = 0;
  let waiting = 0;

  const take = (): Release => {
    running++;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      running--;
      admitNext();
    };
  };

  const admitNext = (): void => {
    for (const [flow, line] of lines) {
      lines.delete(flow);
      const next = line.shift();
      if (line.length > 0) lines.set(flow, line);
      if (next === undefined) continue;
      waiting--;
      next(take());
      return;
    }
  };

  return {
    get running() {
      return running;
    },
    get waiting() {
      return waiting;
    },
    enter(flow) {
      if (running < seats && waiting === 0) return take();
      const line = lines.get(flow) ?? [];
      if (line.length >= longestLine || waiting >= mostWaiting)
        throw tooManyRequests('too many requests, please try again later', 1);
      lines.set(flow, line);
      waiting++;
      return new Promise((resolve) => line.push(resolve));
    },
  };
}
