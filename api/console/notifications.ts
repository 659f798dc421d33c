// What needs a person, wherever they are in the console: each thing once, until it is over.
import type { AlertKind } from './day-two.ts';
import type { LocalText } from './result.ts';

export type NotificationKind =
  AlertKind | 'cluster-unreachable' | 'credentials-refused' | 'run-failed' | 'upgrade-paused' | 'signing-request';

export interface NotificationView {
  /** The same for the same thing, from its beginning to its end. */
  readonly id: string;
  readonly kind: NotificationKind;
  readonly tone: 'warn' | 'bad';
  readonly cluster: string;
  readonly message: LocalText;
  /** The page that shows the cause, as a path of the console. */
  readonly path: string;
  readonly since: number;
  /** When it was over; absent while it holds. */
  readonly overAt?: number;
  readonly isRead: boolean;
}

/** What still waits for a person: it holds, and nobody has read it. */
export function unreadNow(told: readonly NotificationView[]): NotificationView[] {
  return told.filter(({ isRead, overAt }) => !isRead && overAt === undefined);
}

/** What is to be said aloud between two looks: it waits now and was not told before. Nothing of the first look is new. */
export function newlyTold(
  before: readonly NotificationView[] | undefined,
  now: readonly NotificationView[],
): NotificationView[] {
  if (before === undefined) return [];
  const known = new Set(before.map(({ id, since }) => `${id} ${since}`));
  return unreadNow(now).filter(({ id, since }) => !known.has(`${id} ${since}`));
}
