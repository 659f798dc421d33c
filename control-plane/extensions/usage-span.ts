// The span of time that a question about usage is about. Pure.
import { badRequest } from '../../api/meta/status.ts';

const hourMs = 3_600_000;

/** Times are RFC 3339; by default the last hour. Throws ApiError BadRequest. */
export function readSpan(
  given: { readonly from?: unknown; readonly to?: unknown },
  nowMs: number,
  longestMs: number,
): { from: number; to: number } {
  const to = timeOf(given.to, 'to') ?? nowMs;
  const from = timeOf(given.from, 'from') ?? to - hourMs;
  if (from >= to || to - from > longestMs)
    throw badRequest(`from must be before to, and by ${Math.floor(longestMs / (24 * hourMs))} days at most`);
  return { from, to };
}

function timeOf(text: unknown, name: string): number | undefined {
  if (text === undefined || text === null || text === '') return undefined;
  const time = typeof text === 'string' ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw badRequest(`${name} must be a time as in 2026-01-31T08:00:00Z`);
  return time;
}
