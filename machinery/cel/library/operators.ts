// The operators of the language: arithmetic that overflows loudly, comparisons, membership, indexing.
import { Budget, CelError } from '../budget.ts';
import { comparing, constant, elements, fixed, joining, none, union } from '../cost-models.ts';
import { fn, type CallCost, type Library } from '../overload.ts';
import { durationOf, timestampOf } from '../time-text.ts';
import {
  A,
  B,
  bool,
  bytes,
  double,
  duration,
  int,
  list,
  map,
  optional,
  text,
  timestamp,
  uint,
  type CelType,
} from '../types.ts';
import type { Duration, Timestamp } from '../values.ts';
import { compareNumbers, equalValues, ListValue, MapValue, Optional, Uint, type Value } from '../values.ts';

const maxInt = 2n ** 63n - 1n;
const maxUint = 2n ** 64n - 1n;

function checkedInt(value: bigint): bigint {
  if (value > maxInt || value < -maxInt - 1n) throw new CelError('integer overflow');
  return value;
}

function checkedUint(value: bigint): Uint {
  if (value > maxUint || value < 0n) throw new CelError('unsigned integer overflow');
  return new Uint(value);
}

function divisor(value: bigint, operation: string): bigint {
  if (value === 0n) throw new CelError(operation === '%' ? 'modulus by zero' : 'division by zero');
  return value;
}

type Numbers = (a: bigint, b: bigint) => bigint;

function arithmetic(
  symbol: string,
  word: string,
  exact: Numbers,
  approximate?: (a: number, b: number) => number,
): Library {
  const name = `_${symbol}_`;
  return [
    fn(name, `${word}_int64`, [int, int], int, (a: bigint, b: bigint) => checkedInt(exact(a, b))),
    fn(name, `${word}_uint64`, [uint, uint], uint, (a: Uint, b: Uint) => checkedUint(exact(a.value, b.value))),
    ...(approximate === undefined
      ? []
      : [fn(name, `${word}_double`, [double, double], double, (a: number, b: number) => approximate(a, b))]),
  ];
}

const sums: Library = [
  ...arithmetic(
    '+',
    'add',
    (a, b) => a + b,
    (a, b) => a + b,
  ),
  ...arithmetic(
    '-',
    'subtract',
    (a, b) => a - b,
    (a, b) => a - b,
  ),
  ...arithmetic(
    '*',
    'multiply',
    (a, b) => a * b,
    (a, b) => a * b,
  ),
  ...arithmetic(
    '/',
    'divide',
    (a, b) => a / divisor(b, '/'),
    (a, b) => a / b,
  ),
  ...arithmetic('%', 'modulo', (a, b) => a % divisor(b, '%')),
  fn('-_', 'negate_int64', [int], int, (a: bigint) => checkedInt(-a)),
  fn('-_', 'negate_double', [double], double, (a: number) => -a),
];

/** Concatenation of lists shares their elements: it costs one unit, whatever their length. */
const appending: CallCost = {
  actual: () => 1,
  estimate: ([a, b]) => ({
    cost: fixed(1),
    size: { min: (a?.size ?? none).min + (b?.size ?? none).min, max: (a?.size ?? none).max + (b?.size ?? none).max },
  }),
};

const additions: Library = [
  fn('_+_', 'add_string', [text, text], text, (a: string, b: string) => a + b, joining),
  fn('_+_', 'add_bytes', [bytes, bytes], bytes, (a: Uint8Array, b: Uint8Array) => Buffer.concat([a, b]), joining),
  fn('_+_', 'add_list', [list(A), list(A)], list(A), append, appending),
  fn('_+_', 'add_duration_duration', [duration, duration], duration, (a: Duration, b: Duration) =>
    durationOf(a.nanos + b.nanos),
  ),
  fn('_+_', 'add_duration_timestamp', [duration, timestamp], timestamp, (a: Duration, b: Timestamp) =>
    timestampOf(a.nanos + b.nanos),
  ),
  fn('_+_', 'add_timestamp_duration', [timestamp, duration], timestamp, (a: Timestamp, b: Duration) =>
    timestampOf(a.nanos + b.nanos),
  ),
  fn('_-_', 'subtract_duration_duration', [duration, duration], duration, (a: Duration, b: Duration) =>
    durationOf(a.nanos - b.nanos),
  ),
  fn('_-_', 'subtract_timestamp_duration', [timestamp, duration], timestamp, (a: Timestamp, b: Duration) =>
    timestampOf(a.nanos - b.nanos),
  ),
  fn('_-_', 'subtract_timestamp_timestamp', [timestamp, timestamp], duration, (a: Timestamp, b: Timestamp) =>
    durationOf(a.nanos - b.nanos),
  ),
];

function append(a: ListValue, b: ListValue, budget: Budget): ListValue {
  // What is appended is copied here, which upstream need not do: beyond one unit it costs as much as it is long.
  budget.charge(Math.floor(b.size / 100));
  Budget.checkSize(a.size + b.size);
  return a.concat(b);
}

/** Equality costs by the sizes of both; deep values are charged as they are walked. */
const equality: CallCost = {
  actual: ([a, b], result) => {
    const scalar = comparing.actual([a as Value, b as Value], result);
    return a instanceof ListValue || a instanceof MapValue ? scalar + Math.floor(weight(a) / 10) : scalar;
  },
  estimate: (args) => {
    const { cost } = comparing.estimate(args);
    const isOpaque = args.every(({ type }) => type.kind === 'opaque' && type.name !== 'optional_type');
    return { cost: isOpaque ? fixed(1) : cost };
  },
};

/** How many values nested below the first level a comparison may walk. */
function weight(value: Value, limit = 100_000): number {
  let total = 0;
  const walk = (one: Value): void => {
    if (++total > limit) return;
    if (one instanceof ListValue) for (const item of one) walk(item);
    else if (one instanceof MapValue) for (const key of one.keys()) walk(one.get(key) as Value);
  };
  if (value instanceof ListValue) for (const item of value) walk(item);
  else if (value instanceof MapValue) for (const key of value.keys()) walk(value.get(key) as Value);
  return total - (value instanceof ListValue || value instanceof MapValue ? value.size : 0);
}

const equalities: Library = [
  fn('_==_', 'equals', [A, A], bool, (a: Value, b: Value) => equalValues(a, b), equality),
  fn('_!=_', 'not_equals', [A, A], bool, (a: Value, b: Value) => !equalValues(a, b), equality),
];

type Order = (sign: number) => boolean;
const orders: readonly (readonly [string, string, Order])[] = [
  ['<', 'less', (sign) => sign < 0],
  ['<=', 'less_equals', (sign) => sign <= 0],
  ['>', 'greater', (sign) => sign > 0],
  ['>=', 'greater_equals', (sign) => sign >= 0],
];

const numeric: readonly (readonly [string, CelType])[] = [
  ['int64', int],
  ['uint64', uint],
  ['double', double],
];

const comparisons: Library = orders.flatMap(([symbol, word, holds]) => {
  const name = `_${symbol}_`;
  const numbers = numeric.flatMap(([leftName, left]) =>
    numeric.map(([rightName, right]) =>
      fn(
        name,
        leftName === rightName ? `${word}_${leftName}` : `${word}_${leftName}_${rightName}`,
        [left, right],
        bool,
        (a: bigint | number | Uint, b: bigint | number | Uint) => {
          const sign = compareNumbers(a, b);
          return sign !== undefined && holds(sign);
        },
      ),
    ),
  );
  const byNanos = (a: Timestamp | Duration, b: Timestamp | Duration): boolean =>
    holds(a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0);
  return [
    ...numbers,
    fn(name, `${word}_bool`, [bool, bool], bool, (a: boolean, b: boolean) => holds(Number(a) - Number(b))),
    fn(name, `${word}_string`, [text, text], bool, (a: string, b: string) => holds(compareTexts(a, b)), comparing),
    fn(
      name,
      `${word}_bytes`,
      [bytes, bytes],
      bool,
      (a: Uint8Array, b: Uint8Array) => holds(Buffer.compare(a, b)),
      comparing,
    ),
    fn(name, `${word}_timestamp`, [timestamp, timestamp], bool, byNanos),
    fn(name, `${word}_duration`, [duration, duration], bool, byNanos),
  ];
});

/** Orders texts by their code points, as their UTF-8 bytes are ordered. */
export function compareTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left === right) continue;
    // Surrogates stand for characters beyond all others.
    const isLeftHigh = left >= 0xd800 && left < 0xe000;
    const isRightHigh = right >= 0xd800 && right < 0xe000;
    return isLeftHigh === isRightHigh ? left - right : isLeftHigh ? 1 : -1;
  }
  return a.length - b.length;
}

function elementAt(from: ListValue, index: Value): Value | undefined {
  const at = indexOf(index);
  return at === undefined || at < 0n || at >= BigInt(from.size) ? undefined : from.at(Number(at));
}

function indexOf(value: Value): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (value instanceof Uint) return value.value;
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : undefined;
}

function indexList(from: ListValue, index: Value): Value {
  const found = elementAt(from, index);
  if (found === undefined) throw new CelError(`index out of bounds: ${String(indexOf(index) ?? index)}`);
  return found;
}

function indexMap(from: MapValue, key: Value): Value {
  const found = from.get(key);
  if (found === undefined)
    throw new CelError(`no such key: ${typeof key === 'string' ? key : String(indexOf(key) ?? key)}`);
  return found;
}

const maybe = (value: Value | undefined): Optional => (value === undefined ? Optional.none : new Optional(value));
const maybeElement = (from: ListValue, index: Value): Optional => maybe(elementAt(from, index));
const maybeEntry = (from: MapValue, key: Value): Optional => maybe(from.get(key));
const inside =
  <T>(get: (from: T, key: Value) => Optional) =>
  (from: Optional, key: Value): Optional =>
    from.value === undefined ? Optional.none : get(from.value as T, key);

const indexing: Library = [
  fn('_[_]', 'index_list', [list(A), int], A, indexList),
  fn('_[_]', 'index_map', [map(A, B), A], B, indexMap),
  fn('_[_]', 'optional_list_index_int', [optional(list(A)), int], optional(A), inside(maybeElement)),
  fn('_[_]', 'optional_map_index_value', [optional(map(A, B)), A], optional(B), inside(maybeEntry)),
  fn('_[?_]', 'list_optindex_optional_int', [list(A), int], optional(A), maybeElement),
  fn('_[?_]', 'map_optindex_optional_value', [map(A, B), A], optional(B), maybeEntry),
  fn('_[?_]', 'optional_list_optindex_optional_int', [optional(list(A)), int], optional(A), inside(maybeElement)),
  fn('_[?_]', 'optional_map_optindex_optional_value', [optional(map(A, B)), A], optional(B), inside(maybeEntry)),
];

function isMember(value: Value, of: ListValue): boolean {
  for (const item of of) if (equalValues(item, value)) return true;
  return false;
}

const logic: Library = [
  fn('_&&_', 'logical_and', [bool, bool], bool, () => false, {
    actual: () => 0,
    estimate: () => ({ cost: none }),
  }),
  fn('_||_', 'logical_or', [bool, bool], bool, () => false, {
    actual: () => 0,
    estimate: () => ({ cost: none }),
  }),
  fn('_?_:_', 'conditional', [bool, A, A], A, () => false, {
    actual: () => 0,
    estimate: ([, yes, no]) => ({ cost: none, size: union(yes?.size ?? none, no?.size ?? none) }),
  }),
  fn('!_', 'logical_not', [bool], bool, (a: boolean) => !a),
  fn('@not_strictly_false', 'not_strictly_false', [bool], bool, (a: Value) => a !== false, constant(1)),
  fn('@in', 'in_list', [A, list(A)], bool, isMember, elements(1)),
  fn('@in', 'in_map', [A, map(A, B)], bool, (key: Value, of: MapValue) => of.get(key) !== undefined),
];

/** All operators. Those that decide what is evaluated at all are the interpreter's; here are their types and costs. */
export const operators: Library = [...sums, ...additions, ...equalities, ...comparisons, ...indexing, ...logic];
