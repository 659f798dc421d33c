// Charges that may not be objects yet. Admission charges a quota first and the object is written after: a count made in
// between would give the charge back, and let one object too many through. So what was charged within the last seconds
// stays, on top of what is counted.
import type { Clock } from '../../../machinery/clock.ts';
import type { Usage } from './usage.ts';
import { compareQuantities, subtractQuantities } from '../../../api/meta/quantity.ts';
import { addUsage } from './usage.ts';

/** No write takes longer from its charge to its end. */
const inFlightMs = 5_000;

export interface Charges {
  /** A quota's usage changed, by somebody else's hand. */
  note(key: string, before: Readonly<Usage>, after: Readonly<Usage>): void;
  /** The usage to report, and when it may become less. */
  settle(key: string, counted: Readonly<Usage>, charged: Readonly<Usage>): { used: Usage; againAfterMs?: number };
  forget(key: string): void;
}

/** Nothing charged yet. */
export function createCharges(clock: Pick<Clock, 'now'>): Charges {
  const recent = new Map<string, { atMs: number; usage: Usage }[]>();
  const stillInFlight = (key: string): { atMs: number; usage: Usage }[] => {
    const nowMs = clock.now();
    // A clock that steps back must not keep a charge for longer.
    const left = (recent.get(key) ?? []).filter(({ atMs }) => atMs <= nowMs && atMs + inFlightMs > nowMs);
    if (left.length > 0) recent.set(key, left);
    else recent.delete(key);
    return left;
  };
  return {
    note(key, before, after) {
      const usage: Usage = {};
      for (const [name, amount] of Object.entries(after)) {
        const more = subtractQuantities(amount, before[name] ?? '0');
        if (compareQuantities(more, '0') > 0) usage[name] = more;
      }
      if (Object.keys(usage).length > 0) recent.set(key, [...stillInFlight(key), { atMs: clock.now(), usage }]);
    },
    settle(key, counted, charged) {
      const inFlight = stillInFlight(key);
      const most = inFlight.reduce((sum, { usage }) => addUsage(sum, usage), { ...counted });
      const used: Usage = {};
      let isHeld = false;
      for (const [name, amount] of Object.entries(counted)) {
        const kept = smaller(charged[name] ?? '0', most[name] ?? amount);
        const isMore = compareQuantities(kept, amount) > 0;
        used[name] = isMore ? kept : amount;
        isHeld ||= isMore;
      }
      const [oldest] = inFlight;
      return { used, againAfterMs: isHeld && oldest ? oldest.atMs + inFlightMs - clock.now() : undefined };
    },
    forget: (key) => void recent.delete(key),
  };
}

function smaller(a: string, b: string): string {
  return compareQuantities(a, b) < 0 ? a : b;
}
