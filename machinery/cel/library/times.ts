// The accessors of timestamps (in any IANA zone or fixed offset) and durations.
import { CelError } from '../budget.ts';
import { method, type Library } from '../overload.ts';
import { floorDivide } from '../time-text.ts';
import { duration, int, text, timestamp } from '../types.ts';
import type { Duration, Timestamp } from '../values.ts';

const second = 1_000_000_000n;

/** The civil time of a timestamp in a zone, as a date whose UTC fields are that time. */
function civil({ nanos }: Timestamp, zone: string): Date {
  const milliseconds = Number(floorDivide(nanos, 1_000_000n));
  if (zone === 'UTC' || zone === '') return new Date(milliseconds);
  const fixed = /^([+-])?(\d{1,2}):(\d{2})$/.exec(zone);
  if (fixed !== null) {
    const offset = (Number(fixed[2]) * 60 + Number(fixed[3])) * (fixed[1] === '-' ? -1 : 1);
    return new Date(milliseconds + offset * 60_000);
  }
  return new Date(milliseconds + zoneOffset(zone, milliseconds));
}

const formats = new Map<string, Intl.DateTimeFormat>();
const mostFormats = 64;

function zoneOffset(zone: string, at: number): number {
  let format = formats.get(zone);
  if (format === undefined) {
    try {
      format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
    } catch {
      throw new CelError(`unknown time zone ${zone}`);
    }
    if (formats.size >= mostFormats) formats.clear();
    formats.set(zone, format);
  }
  const name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT';
  const match = /GMT([+-])(\d{2}):(\d{2})(?::(\d{2}))?/.exec(name);
  if (match === null) return 0;
  const [, sign, hours, minutes, seconds = '0'] = match;
  return (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * (sign === '-' ? -1000 : 1000);
}

function dayOfYear(date: Date): number {
  const start = new Date(0);
  start.setUTCFullYear(date.getUTCFullYear(), 0, 1);
  return Math.floor((date.getTime() - start.getTime()) / 86_400_000);
}

const fields: readonly (readonly [string, (date: Date) => number])[] = [
  ['getFullYear', (date) => date.getUTCFullYear()],
  ['getMonth', (date) => date.getUTCMonth()],
  ['getDayOfYear', dayOfYear],
  ['getDayOfMonth', (date) => date.getUTCDate() - 1],
  ['getDate', (date) => date.getUTCDate()],
  ['getDayOfWeek', (date) => date.getUTCDay()],
  ['getHours', (date) => date.getUTCHours()],
  ['getMinutes', (date) => date.getUTCMinutes()],
  ['getSeconds', (date) => date.getUTCSeconds()],
  ['getMilliseconds', (date) => date.getUTCMilliseconds()],
];

const ofDuration: readonly (readonly [string, (nanos: bigint) => bigint])[] = [
  ['getHours', (nanos) => nanos / (3600n * second)],
  ['getMinutes', (nanos) => nanos / (60n * second)],
  ['getSeconds', (nanos) => nanos / second],
  ['getMilliseconds', (nanos) => nanos / 1_000_000n],
];

/** The accessors. */
export const times: Library = [
  ...fields.flatMap(([name, read]) => [
    method(name, `timestamp_${name}`, [timestamp], int, (at: Timestamp) => BigInt(read(civil(at, 'UTC')))),
    method(name, `timestamp_${name}_with_tz`, [timestamp, text], int, (at: Timestamp, zone: string) =>
      BigInt(read(civil(at, zone))),
    ),
  ]),
  ...ofDuration.map(([name, read]) =>
    method(name, `duration_${name}`, [duration], int, (span: Duration) => read(span.nanos)),
  ),
];
