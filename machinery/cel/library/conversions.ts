// size(), type(), dyn() and the conversions between types, with the bounds that the specification sets.
import { CelError } from '../budget.ts';
import { constant, scan } from '../cost-models.ts';
import { fn, method, type CallCost, type Library } from '../overload.ts';
import { typeOfValue } from '../runtime-types.ts';
import { formatDuration, formatTimestamp, parseDuration, parseTimestamp, timestampOf } from '../time-text.ts';
import { A, B, bool, bytes, double, duration, dyn, int, list, map, text, timestamp, typeOf, uint } from '../types.ts';
import type { ListValue, MapValue, Timestamp } from '../values.ts';
import { codePoints, Duration, TypeValue, Uint, type Value } from '../values.ts';

const maxInt = 2n ** 63n - 1n;
const maxUint = 2n ** 64n - 1n;

function toInt(value: bigint): bigint {
  if (value > maxInt || value < -maxInt - 1n) throw new CelError('integer overflow');
  return value;
}

function toUint(value: bigint): Uint {
  if (value > maxUint || value < 0n) throw new CelError('unsigned integer overflow');
  return new Uint(value);
}

function whole(value: number): bigint {
  if (!Number.isFinite(value) || Math.abs(value) >= 2 ** 64) throw new CelError('integer overflow');
  return BigInt(Math.trunc(value));
}

function parseWhole(value: string, pattern: RegExp, type: string): bigint {
  if (!pattern.test(value)) throw new CelError(`type conversion error from 'string' to '${type}'`);
  return BigInt(value.replace(/^\+/, ''));
}

function parseDouble(value: string): number {
  const text = value.trim();
  if (/^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(text)) return Number(text);
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
  if (special === null) throw new CelError(`type conversion error from 'string' to 'double'`);
  if (/nan/i.test(special[2] ?? '')) return NaN;
  return special[1] === '-' ? -Infinity : Infinity;
}

function parseBool(value: string): boolean {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(value)) return true;
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(value)) return false;
  throw new CelError(`type conversion error from 'string' to 'bool'`);
}

/** A double as Go's %g writes it. */
export function formatDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (Object.is(value, -0)) return '-0';
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e21)) {
    const [mantissa = '', exponent = ''] = value.toExponential().split('e');
    const sign = exponent.startsWith('-') ? '-' : '+';
    return `${mantissa}e${sign}${exponent.replace(/^[+-]/, '').padStart(2, '0')}`;
  }
  return String(value);
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeUtf8(value: Uint8Array): string {
  try {
    return utf8.decode(value);
  } catch {
    throw new CelError('invalid UTF-8 in bytes, cannot convert to string');
  }
}

function sizeOfText(value: string): bigint {
  return BigInt(codePoints(value));
}

const wide: CallCost = {
  actual: (args, result) => scan(0).actual(args, result),
  estimate: (args) => {
    const { cost } = scan(0).estimate(args);
    const size = args[0]?.size ?? { min: 0, max: Infinity };
    return { cost, size: { min: size.min, max: size.max * 4 } };
  },
};

const sizes: Library = [fn, method].flatMap((declare) => {
  const prefix = declare === fn ? 'size_' : '';
  const suffix = declare === fn ? '' : '_size';
  return [
    declare('size', `${prefix}string${suffix}`, [text], int, sizeOfText),
    declare('size', `${prefix}bytes${suffix}`, [bytes], int, (value: Uint8Array) => BigInt(value.length)),
    declare('size', `${prefix}list${suffix}`, [list(A)], int, (value: ListValue) => BigInt(value.size)),
    declare('size', `${prefix}map${suffix}`, [map(A, B)], int, (value: MapValue) => BigInt(value.size)),
  ];
});

const literalText = (what: string, isValid: (value: string) => boolean) => ({
  checkLiterals: ([value]: readonly (Value | undefined)[]): string | undefined =>
    typeof value === 'string' && !isValid(value) ? `invalid ${what} argument` : undefined,
});

function readTimestamp(value: string): Timestamp {
  const parsed = parseTimestamp(value);
  if (parsed === undefined) throw new CelError(`type conversion error from 'string' to 'google.protobuf.Timestamp'`);
  return parsed;
}

function readDuration(value: string): Duration {
  const parsed = parseDuration(value);
  if (parsed === undefined) throw new CelError(`type conversion error from 'string' to 'google.protobuf.Duration'`);
  return parsed;
}

/** Texts of scalars have a longest one. */
const upTo = (max: number): CallCost => ({
  actual: () => 1,
  estimate: () => ({ cost: { min: 1, max: 1 }, size: { min: 1, max } }),
});

/** The conversions. */
export const conversions: Library = [
  ...sizes,
  fn('type', 'type', [A], typeOf(A), (value: Value) => new TypeValue(typeOfValue(value))),
  fn('dyn', 'to_dyn', [A], dyn, (value: Value) => value, constant(1)),
  fn('int', 'int64_to_int64', [int], int, (value: bigint) => value),
  fn('int', 'uint64_to_int64', [uint], int, (value: Uint) => toInt(value.value)),
  fn('int', 'double_to_int64', [double], int, (value: number) => toInt(whole(value))),
  fn('int', 'string_to_int64', [text], int, (value: string) => toInt(parseWhole(value, /^[+-]?\d{1,30}$/, 'int'))),
  fn('int', 'timestamp_to_int64', [timestamp], int, (value: Timestamp) => value.nanos / 1_000_000_000n),
  fn('int', 'duration_to_int64', [duration], int, (value: Duration) => value.nanos),
  fn('uint', 'uint64_to_uint64', [uint], uint, (value: Uint) => value),
  fn('uint', 'int64_to_uint64', [int], uint, (value: bigint) => toUint(value)),
  fn('uint', 'double_to_uint64', [double], uint, (value: number) => toUint(whole(value))),
  fn('uint', 'string_to_uint64', [text], uint, (value: string) => toUint(parseWhole(value, /^\d{1,30}$/, 'uint'))),
  fn('double', 'double_to_double', [double], double, (value: number) => value),
  fn('double', 'int64_to_double', [int], double, (value: bigint) => Number(value)),
  fn('double', 'uint64_to_double', [uint], double, (value: Uint) => Number(value.value)),
  fn('double', 'string_to_double', [text], double, (value: string) => parseDouble(value)),
  fn('bool', 'bool_to_bool', [bool], bool, (value: boolean) => value),
  fn('bool', 'string_to_bool', [text], bool, (value: string) => parseBool(value)),
  fn('string', 'string_to_string', [text], text, (value: string) => value),
  fn('string', 'bool_to_string', [bool], text, (value: boolean) => String(value), upTo(5)),
  fn('string', 'int64_to_string', [int], text, (value: bigint) => String(value), upTo(20)),
  fn('string', 'uint64_to_string', [uint], text, (value: Uint) => String(value.value), upTo(20)),
  fn('string', 'double_to_string', [double], text, (value: number) => formatDouble(value), upTo(25)),
  fn(
    'string',
    'bytes_to_string',
    [bytes],
    text,
    (value: Uint8Array) => decodeUtf8(value),
    scan(0, { makesText: true }),
  ),
  fn('string', 'timestamp_to_string', [timestamp], text, (value: Timestamp) => formatTimestamp(value), upTo(35)),
  fn('string', 'duration_to_string', [duration], text, (value: Duration) => formatDuration(value), upTo(24)),
  fn('bytes', 'bytes_to_bytes', [bytes], bytes, (value: Uint8Array) => value),
  fn('bytes', 'string_to_bytes', [text], bytes, (value: string) => Buffer.from(value), wide),
  fn('timestamp', 'timestamp_to_timestamp', [timestamp], timestamp, (value: Timestamp) => value),
  fn('timestamp', 'int64_to_timestamp', [int], timestamp, (value: bigint) => timestampOf(value * 1_000_000_000n)),
  fn(
    'timestamp',
    'string_to_timestamp',
    [text],
    timestamp,
    readTimestamp,
    literalText('timestamp', (value) => parseTimestamp(value) !== undefined),
  ),
  fn('duration', 'duration_to_duration', [duration], duration, (value: Duration) => value),
  fn('duration', 'int64_to_duration', [int], duration, (value: bigint) => new Duration(toInt(value))),
  fn(
    'duration',
    'string_to_duration',
    [text],
    duration,
    readDuration,
    literalText('duration', (value) => parseDuration(value) !== undefined),
  ),
];
