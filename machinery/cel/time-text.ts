// Text forms of timestamps (RFC 3339) and durations (Go's), exact to the nanosecond.
import { CelError } from './budget.ts';
import { Duration, Timestamp } from './values.ts';

const earliest = -62_135_596_800n * 1_000_000_000n;
const latest = 253_402_300_800n * 1_000_000_000n - 1n;
const longest = 2n ** 63n - 1n;

const rfc3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(\.\d{1,9})?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

/** A timestamp within the years that CEL knows. */
export function timestampOf(nanos: bigint): Timestamp {
  if (nanos < earliest || nanos > latest) throw new CelError('timestamp overflow');
  return new Timestamp(nanos);
}

/** A duration that fits 64 bits of nanoseconds. */
export function durationOf(nanos: bigint): Duration {
  if (nanos > longest || nanos < -longest - 1n) throw new CelError('duration overflow');
  return new Duration(nanos);
}

/** Reads RFC 3339; undefined when it is not. */
export function parseTimestamp(text: string): Timestamp | undefined {
  const match = rfc3339.exec(text);
  if (match === null) return undefined;
  const [
    ,
    year = '',
    month = '',
    day = '',
    hour = '',
    minute = '',
    second = '',
    fraction = '',
    sign,
    zoneHour,
    zoneMinute,
  ] = match;
  const [m, d, h, min, s] = [month, day, hour, minute, second].map(Number) as [number, number, number, number, number];
  if (m < 1 || m > 12 || d < 1 || d > daysIn(Number(year), m) || h > 23 || min > 59 || s > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), m - 1, d);
  date.setUTCHours(h, min, s);
  const offset = sign === undefined ? 0 : (Number(zoneHour) * 60 + Number(zoneMinute)) * (sign === '-' ? -1 : 1);
  const nanos = BigInt(date.getTime() - offset * 60_000) * 1_000_000n + BigInt(fraction.slice(1).padEnd(9, '0'));
  return nanos < earliest || nanos > latest ? undefined : new Timestamp(nanos);
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year < 100 ? year + 400 : year, month, 0)).getUTCDate();
}

/** Writes RFC 3339 in UTC, with as many decimals as are needed. */
export function formatTimestamp({ nanos }: Timestamp): string {
  const seconds = floorDivide(nanos, 1_000_000_000n);
  const rest = nanos - seconds * 1_000_000_000n;
  const text = new Date(Number(seconds) * 1000).toISOString().replace(/\.\d+Z$/, '');
  const fraction = rest === 0n ? '' : `.${String(rest).padStart(9, '0').replace(/0+$/, '')}`;
  return `${text}${fraction}Z`;
}

/** Division that rounds down. */
export function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}

const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** Reads Go's duration text (`1h30m`, `-1.5s`, `0`); undefined when it is not or does not fit. */
export function parseDuration(text: string): Duration | undefined {
  const match = /^([+-]?)((?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+|0)$/.exec(text);
  if (match === null || text.length > 200) return undefined;
  let nanos = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of (match[2] ?? '').matchAll(
    /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/g,
  )) {
    const scale = units[unit] ?? 1n;
    nanos += BigInt(whole === '' ? '0' : whole) * scale;
    if (fraction !== '') nanos += (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length);
  }
  if (match[1] === '-') nanos = -nanos;
  return nanos > longest || nanos < -longest - 1n ? undefined : new Duration(nanos);
}

/** Writes a duration as CEL's string() does: seconds with decimals. */
export function formatDuration({ nanos }: Duration): string {
  const size = nanos < 0n ? -nanos : nanos;
  const rest = size % 1_000_000_000n;
  const fraction = rest === 0n ? '' : `.${String(rest).padStart(9, '0').replace(/0+$/, '')}`;
  return `${nanos < 0n ? '-' : ''}${size / 1_000_000_000n}${fraction}s`;
}
