// What an etcd that only one process writes to holds now, without asking it: the newest revision that any answer has
// shown. Guarantees: `revision` is undefined from before the first byte of a guest reaches etcd until everything that
// was acknowledged to guests has been seen; otherwise nothing newer was ever acknowledged to anybody.
import { systemClock } from '../clock.ts';

const retryMs = 1_000;

/** Shared by all clients that one process has of its own etcd. */
export interface SoleWriter {
  /** The revision now; undefined where it has to be asked for. */
  readonly revision: number | undefined;
  /** Every answer's revision is told here, before whoever asked hears of it. */
  saw(revision: number): void;
}

/** The same for whoever lets guests in. */
export interface GuestBook extends SoleWriter {
  /** A guest may write from now on; the answer is called once, when it no longer can. */
  enter(): () => void;
}

/** An empty book. `ask` asks etcd for its revision and tells `saw`; it is tried until it answers or `signal` aborts. */
export function createGuestBook(ask: () => Promise<unknown>, signal: AbortSignal): GuestBook {
  let newest = 0;
  let guests = 0;
  const leave = async (): Promise<void> => {
    while (!signal.aborted) {
      const answered = await ask().then(
        () => true,
        () => false, // etcd is away: nobody is answered by it meanwhile
      );
      if (answered) return void guests--;
      await systemClock.sleep(retryMs, signal);
    }
  };
  return {
    get revision() {
      return guests > 0 || newest === 0 ? undefined : newest;
    },
    saw(revision) {
      if (revision > newest) newest = revision;
    },
    enter() {
      guests++;
      let isIn = true;
      return () => {
        if (isIn) void leave();
        isIn = false;
      };
    },
  };
}
