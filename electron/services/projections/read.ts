// Small readings of API objects that several projections share. Objects come from any cluster, so nothing is trusted
// to be present or well-formed.
import { tryParseQuantity, quantityToBytes, quantityToMilli } from '../../../api/meta/quantity.ts';
import { parseTime } from '../../../api/meta/time.ts';

/** Milliseconds since the epoch, or undefined. */
export function timeOf(text: string | undefined | null): number | undefined {
  return typeof text === 'string' ? parseTime(text) : undefined;
}

/** Thousandths of a core; 0 for what is no quantity. */
export function milliOf(text: string | number | undefined): number {
  return text === undefined || tryParseQuantity(text) === undefined ? 0 : Number(quantityToMilli(text));
}

/** Bytes; 0 for what is no quantity. */
export function bytesOf(text: string | number | undefined): number {
  return text === undefined || tryParseQuantity(text) === undefined ? 0 : Number(quantityToBytes(text));
}

/** A condition as detail pages list it. */
export interface ConditionView {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly since?: number;
}

/** The conditions of a status, as they are. */
export function conditionsOf(
  conditions:
    | readonly { type: string; status: string; reason?: string; message?: string; lastTransitionTime?: string }[]
    | undefined,
): ConditionView[] {
  return (conditions ?? []).map(({ type, status, reason, message, lastTransitionTime }) => ({
    type,
    status,
    reason: reason || undefined,
    message: message || undefined,
    since: timeOf(lastTransitionTime),
  }));
}
