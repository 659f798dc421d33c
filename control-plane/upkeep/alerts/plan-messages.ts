// Which messages to send when: once when an alert begins, again every four hours while it holds, once when it is over.
// An alert that comes and goes within moments is not told: it must hold on two looks. Pure.
import type { Alert } from './rules.ts';

const repeatMs = 4 * 3_600_000;

/** What is remembered of an alert between looks. */
export interface AlertState {
  readonly alert: Alert;
  readonly sinceMs: number;
  /** Absent: seen once, not told yet. */
  readonly toldMs?: number;
}

export interface AlertMessage {
  readonly state: 'firing' | 'resolved';
  readonly alert: Alert;
  readonly sinceMs: number;
}

/** The messages to send and what to remember once they are sent. */
export function planMessages(
  remembered: readonly AlertState[],
  found: readonly Alert[],
  nowMs: number,
): { readonly messages: readonly AlertMessage[]; readonly states: readonly AlertState[] } {
  const messages: AlertMessage[] = [];
  const before = new Map(remembered.map((state) => [state.alert.id, state]));
  const states = found.map((alert): AlertState => {
    const state = before.get(alert.id);
    before.delete(alert.id);
    if (state === undefined) return { alert, sinceMs: nowMs };
    const isDue = state.toldMs === undefined || nowMs - state.toldMs >= repeatMs;
    if (isDue) messages.push({ state: 'firing', alert, sinceMs: state.sinceMs });
    return { alert, sinceMs: state.sinceMs, toldMs: isDue ? nowMs : state.toldMs };
  });
  for (const { alert, sinceMs, toldMs } of before.values())
    if (toldMs !== undefined) messages.push({ state: 'resolved', alert, sinceMs });
  return { messages, states };
}
