// Lists and sets: Kubernetes' own functions, cel-go's list extension version 3, and its set extension.
import { Budget, CelError } from '../budget.ts';
import { fixed, scale, textFactor, times, unknownSize } from '../cost-models.ts';
import { fn, method, type CallCost, type Library } from '../overload.ts';
import { A, B, bool, bytes, double, duration, int, list, map, text, timestamp, uint, type CelType } from '../types.ts';
import type { EntryMap, MapValue } from '../values.ts';
import {
  ArrayList,
  compareNumbers,
  Duration,
  equalValues,
  isNumeric,
  ListValue,
  Timestamp,
  Uint,
  type Value,
} from '../values.ts';
import { compareTexts, operators } from './operators.ts';

/** Orders two values of one comparable type. */
function compare(a: Value, b: Value): number {
  if (isNumeric(a) && isNumeric(b)) return compareNumbers(a, b) ?? 0;
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(a, b);
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  if ((a instanceof Timestamp && b instanceof Timestamp) || (a instanceof Duration && b instanceof Duration))
    return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0;
  throw new CelError('no such overload');
}

function weightOf(value: Value): number {
  if (typeof value === 'string' || value instanceof Uint8Array) return Math.floor(value.length * textFactor);
  if (!(value instanceof ListValue)) return 1;
  let total = 0;
  for (const item of value) total += weightOf(item);
  return total;
}

/** One pass over the elements, and over their characters when they are texts. */
const pass: CallCost = {
  actual: ([items]) => weightOf(items as Value),
  estimate: ([items]) => {
    if (items === undefined || items.type.kind !== 'list')
      return { cost: scale(items?.size ?? unknownSize, textFactor) };
    const { kind } = items.type.element;
    const isText = kind === 'string' || kind === 'bytes';
    const each = isText ? scale(items.elementSize, textFactor) : fixed(0);
    return { cost: times(items.size, { min: each.min + 1, max: each.max + 1 }) };
  },
};

const comparable: readonly (readonly [string, CelType])[] = [
  ['int', int],
  ['uint', uint],
  ['double', double],
  ['bool', bool],
  ['duration', duration],
  ['timestamp', timestamp],
  ['string', text],
  ['bytes', bytes],
];

function isSorted(items: ListValue): boolean {
  for (let i = 1; i < items.size; i++) if (compare(items.at(i - 1), items.at(i)) > 0) return false;
  return true;
}

function extreme(items: ListValue, sign: number, name: string): Value {
  if (items.size === 0) throw new CelError(`${name} called on empty list`);
  let found = items.at(0);
  for (const item of items) if (compare(item, found) * sign > 0) found = item;
  return found;
}

const zeros: readonly (readonly [string, CelType, Value])[] = [
  ['int', int, 0n],
  ['uint', uint, new Uint(0n)],
  ['double', double, 0],
  ['duration', duration, new Duration(0n)],
];

function sum(items: ListValue, zero: Value, budget: Budget): Value {
  const adders = operators.filter(({ name }) => name === '_+_');
  const id =
    zero instanceof Uint
      ? 'add_uint64'
      : typeof zero === 'bigint'
        ? 'add_int64'
        : zero instanceof Duration
          ? 'add_duration_duration'
          : 'add_double';
  const adder = adders.find((overload) => overload.id === id);
  let total = zero;
  for (const item of items) total = adder?.call([total, item], budget) ?? total;
  return total;
}

function indexOf(items: ListValue, wanted: Value, isLast: boolean): bigint {
  for (let i = 0; i < items.size; i++) {
    const at = isLast ? items.size - 1 - i : i;
    if (equalValues(items.at(at), wanted)) return BigInt(at);
  }
  return -1n;
}

const kubernetes: Library = [
  ...comparable.flatMap(([name, type]) => [
    method('isSorted', `list_${name}_is_sorted_bool`, [list(type)], bool, isSorted, pass),
    method(
      'min',
      `list_${name}_min_${name}`,
      [list(type)],
      type,
      (items: ListValue) => extreme(items, -1, 'min'),
      pass,
    ),
    method('max', `list_${name}_max_${name}`, [list(type)], type, (items: ListValue) => extreme(items, 1, 'max'), pass),
  ]),
  ...zeros.map(([name, type, zero]) =>
    method(
      'sum',
      `list_${name}_sum_${name}`,
      [list(type)],
      type,
      (items: ListValue, budget: Budget) => sum(items, zero, budget),
      pass,
    ),
  ),
  method(
    'indexOf',
    'list_a_index_of_int',
    [list(A), A],
    int,
    (items: ListValue, wanted: Value) => indexOf(items, wanted, false),
    pass,
  ),
  method(
    'lastIndexOf',
    'list_a_last_index_of_int',
    [list(A), A],
    int,
    (items: ListValue, wanted: Value) => indexOf(items, wanted, true),
    pass,
  ),
];

function sliceOf(items: ListValue, from: bigint, to: bigint): ListValue {
  if (from < 0n || to < 0n) throw new CelError(`cannot slice(${from}, ${to}), negative indexes not supported`);
  if (from > to)
    throw new CelError(`cannot slice(${from}, ${to}), start index must be less than or equal to end index`);
  if (to > BigInt(items.size)) throw new CelError(`cannot slice(${from}, ${to}), list is length ${items.size}`);
  return new ArrayList([...items].slice(Number(from), Number(to)));
}

function flatten(items: ListValue, depth: bigint): ListValue {
  if (depth < 0n) throw new CelError('level must be non-negative');
  const found: Value[] = [];
  const walk = (from: ListValue, left: bigint): void => {
    for (const item of from) {
      if (item instanceof ListValue && left > 0n) walk(item, left - 1n);
      else found.push(item);
      Budget.checkSize(found.length);
    }
  };
  walk(items, depth > 64n ? 64n : depth);
  return new ArrayList(found);
}

const mostNumbers = 1_000_000n;

function range(size: bigint, budget: Budget): ListValue {
  if (size > mostNumbers) throw new CelError(`lists.range of ${size} exceeds ${mostNumbers}`);
  budget.charge(Number(size < 0n ? 0n : size));
  return new ArrayList(Array.from({ length: Math.max(Number(size), 0) }, (_item, index) => BigInt(index)));
}

function distinct(items: ListValue, budget: Budget): ListValue {
  const found: Value[] = [];
  const texts = new Set<string>();
  for (const item of items) {
    if (typeof item === 'string') {
      if (texts.has(item)) continue;
      texts.add(item);
    } else {
      budget.charge(found.length / 10);
      if (found.some((other) => equalValues(other, item))) continue;
    }
    found.push(item);
  }
  return new ArrayList(found);
}

function sortBy(items: ListValue, keys: ListValue): ListValue {
  if (items.size !== keys.size) throw new CelError('sort keys do not match the list');
  const order = [...keys].map((key, index) => ({ key, index }));
  order.sort((a, b) => compare(a.key, b.key) || a.index - b.index);
  return new ArrayList(order.map(({ index }) => items.at(index)));
}

const sameLength: CallCost = {
  actual: (args) => 10 + weightOf(args[0] as Value),
  estimate: ([items]) => {
    const size = items?.size ?? unknownSize;
    return { cost: { min: size.min + 10, max: size.max + 10 }, size };
  },
};

const extension: Library = [
  method('slice', 'list_slice', [list(A), int, int], list(A), sliceOf, sameLength),
  method('flatten', 'list_flatten', [list(list(A))], list(A), (items: ListValue) => flatten(items, 1n), {
    ...sameLength,
    estimate: ([items]) => ({
      cost: { min: 10, max: Infinity },
      size: times(items?.size ?? unknownSize, items?.elementSize ?? unknownSize),
    }),
  }),
  method('flatten', 'list_flatten_int', [list({ kind: 'dyn' }), int], list({ kind: 'dyn' }), flatten, sameLength),
  ...comparable.flatMap(([name, type]) => [
    method(
      'sort',
      `list_${name}_sort`,
      [list(type)],
      list(type),
      (items: ListValue) => sortBy(items, items),
      sameLength,
    ),
    method(
      '@sortByAssociatedKeys',
      `list_${name}_sortByAssociatedKeys`,
      [list(A), list(type)],
      list(A),
      sortBy,
      sameLength,
    ),
  ]),
  fn('lists.range', 'lists_range', [int], list(int), range, {
    actual: () => 10,
    estimate: ([size]) => {
      const max = typeof size?.literal === 'bigint' ? Math.max(Number(size.literal), 0) : Infinity;
      return { cost: { min: 10, max: max + 10 }, size: { min: 0, max } };
    },
  }),
  method(
    'reverse',
    'list_reverse',
    [list(A)],
    list(A),
    (items: ListValue) => new ArrayList([...items].reverse()),
    sameLength,
  ),
  method('distinct', 'list_distinct', [list(A)], list(A), distinct, sameLength),
];

const contains = (all: ListValue, part: ListValue): boolean => {
  for (const wanted of part) if (indexOf(all, wanted, false) < 0n) return false;
  return true;
};

const intersects = (a: ListValue, b: ListValue): boolean => {
  for (const wanted of a) if (indexOf(b, wanted, false) >= 0n) return true;
  return false;
};

/** Each element of one with each of the other; checked before it is done. */
const crossing: CallCost = {
  actual: () => 1,
  estimate: ([a, b]) => {
    const cost = times(a?.size ?? unknownSize, b?.size ?? unknownSize);
    return { cost: { min: cost.min + 1, max: cost.max + 1 } };
  },
};

const guarded =
  (judge: (a: ListValue, b: ListValue) => boolean, rounds: number) =>
  (a: ListValue, b: ListValue, budget: Budget): boolean => {
    budget.charge(a.size * b.size * rounds);
    return judge(a, b);
  };

const sets: Library = [
  fn('sets.contains', 'list_sets_contains_list', [list(A), list(A)], bool, guarded(contains, 1), crossing),
  fn('sets.intersects', 'list_sets_intersects_list', [list(A), list(A)], bool, guarded(intersects, 1), crossing),
  fn(
    'sets.equivalent',
    'list_sets_equivalent_list',
    [list(A), list(A)],
    bool,
    guarded((a, b) => contains(a, b) && contains(b, a), 2),
    crossing,
  ),
];

function insert(into: EntryMap, key: Value, value: Value): Value {
  if (into.get(key) !== undefined) throw new CelError(`insert failed: key ${String(key)} already exists`);
  into.insert(key, value);
  return into;
}

function insertAll(into: EntryMap, from: MapValue): Value {
  for (const key of from.keys()) insert(into, key, from.get(key) as Value);
  return into;
}

/** What the folds of transformMap and transformMapEntry grow their result with. */
const growing: Library = [
  fn('cel.@mapInsert', '@mapInsert_map_key_value', [map(A, B), A, B], map(A, B), insert),
  fn('cel.@mapInsert', '@mapInsert_map_map', [map(A, B), map(A, B)], map(A, B), insertAll),
];

/** All list, set and map functions. */
export const lists: Library = [...kubernetes, ...extension, ...sets, ...growing];
