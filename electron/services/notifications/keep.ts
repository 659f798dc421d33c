// From what holds now to what a person is told: a thing is told once it has held for a moment, once and for all until it is
// over; what comes back soon after is the same thing again, unread only if nobody had read it. Pure.
import type { NotificationView } from '../../../api/console/index.ts';
import type { Cause } from './causes.ts';

/** How long a thing must hold: what mends itself meanwhile needs nobody. */
export const settleMs = 10_000;
/** What is over for less than this, and comes again, was not over. */
export const flapMs = 10 * 60_000;
const keptMs = 7 * 24 * 3_600_000;
const mostKept = 200;

export interface Kept {
  /** Newest first. */
  readonly told: readonly NotificationView[];
  /** Since when things hold that are not told yet, by id. */
  readonly settling: ReadonlyMap<string, number>;
}

/**
 * What is to be shown at `nowMs`, of what has held for `afterMs`. `isUnknown` tells the ids of which nothing can be said now (a cluster that does not
 * answer): they stay as they are.
 */
export function keepTold(
  { told, settling }: Kept,
  causes: readonly Cause[],
  isUnknown: (id: string) => boolean,
  nowMs: number,
  afterMs = settleMs,
): Kept {
  const holding = new Map(causes.map((cause) => [cause.id, cause]));
  const next = new Map<string, number>();
  const kept = told.flatMap((one): NotificationView[] => {
    const cause = holding.get(one.id);
    if (cause === undefined) {
      if (one.overAt === undefined) return isUnknown(one.id) ? [one] : [{ ...one, overAt: nowMs }];
      return nowMs - one.overAt < keptMs ? [one] : [];
    }
    const isAgain = one.overAt !== undefined && nowMs - one.overAt >= flapMs;
    if (isAgain) return []; // told anew, once it has settled
    holding.delete(one.id);
    const { overAt: _over, ...same } = one;
    return [{ ...same, message: cause.message, tone: cause.tone, cluster: cause.cluster }];
  });
  const fresh: NotificationView[] = [];
  for (const cause of holding.values()) {
    const since = settling.get(cause.id) ?? nowMs;
    if (nowMs - since < afterMs) next.set(cause.id, since);
    else fresh.push({ ...cause, since, isRead: false });
  }
  return { told: [...fresh, ...kept].slice(0, mostKept), settling: next };
}

/** The same with some read, or all of them. */
export function markRead(told: readonly NotificationView[], ids: readonly string[] | undefined): NotificationView[] {
  return told.map((one) => (ids === undefined || ids.includes(one.id) ? { ...one, isRead: true } : one));
}
