// The values of CEL at run time. Numbers keep the language's own types: int is a bigint, uint a `Uint`, double a number;
// so 64-bit arithmetic is exact and 1 and 1.0 stay distinguishable. All values are immutable.
import { sameType, type CelType } from './types.ts';

/** An unsigned 64-bit integer. */
export class Uint {
  readonly value: bigint;
  constructor(value: bigint) {
    this.value = value;
  }
}

/** A point in time; nanoseconds since 1970 in UTC, within the years 1 to 9999. */
export class Timestamp {
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** A span of time in nanoseconds. */
export class Duration {
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** A type as a value: what `type(x)` answers. */
export class TypeValue {
  readonly type: CelType;
  constructor(type: CelType) {
    this.type = type;
  }
}

/** A value or nothing: `optional_type`. */
export class Optional {
  readonly value: Value | undefined;
  constructor(value: Value | undefined) {
    this.value = value;
  }
  static readonly none = new Optional(undefined);
}

/** A value of a type that libraries bring (quantities, addresses, the authorizer …). */
export abstract class Opaque {
  abstract readonly type: CelType;
  /** Equality with another value of the same type. */
  abstract equals(other: Opaque): boolean;
}

/** A list; elements are made when asked for. */
export abstract class ListValue {
  abstract readonly size: number;
  abstract at(index: number): Value;
  *[Symbol.iterator](): Generator<Value> {
    for (let i = 0; i < this.size; i++) yield this.at(i);
  }
  /** The list with another appended. */
  concat(other: ListValue): ListValue {
    return new ArrayList([...this, ...other]);
  }
  /** Equality with another list: element by element, unless the list has an order of its own. */
  equals(other: ListValue, same: (a: Value, b: Value) => boolean): boolean {
    if (this.size !== other.size) return false;
    for (let i = 0; i < this.size; i++) if (!same(this.at(i), other.at(i))) return false;
    return true;
  }
}

/**
 * A list of values that are there; it takes the array over. Lists that grow from one another share their elements, so
 * that a fold which appends one at a time does not copy.
 */
export class ArrayList extends ListValue {
  readonly #items: Value[];
  readonly size: number;
  constructor(items: Value[], size = items.length) {
    super();
    this.#items = items;
    this.size = size;
  }
  at(index: number): Value {
    return this.#items[index] as Value;
  }
  override concat(other: ListValue): ListValue {
    const isNewest = this.size === this.#items.length;
    const items = isNewest ? this.#items : this.#items.slice(0, this.size);
    for (let i = 0, { size } = other; i < size; i++) items.push(other.at(i));
    return new ArrayList(items);
  }
}

/** A map, or an object whose fields are its keys. */
export abstract class MapValue {
  abstract readonly size: number;
  abstract get(key: Value): Value | undefined;
  abstract keys(): Iterable<Value>;
  /** The type that `type(x)` answers, for objects that have one. */
  readonly type: CelType | undefined;
}

/** A map built by an expression. Keys of different number types that are equal are one key. */
export class EntryMap extends MapValue {
  readonly #entries = new Map<string, readonly [Value, Value]>();
  constructor(entries: Iterable<readonly [Value, Value]>) {
    super();
    for (const entry of entries) this.#entries.set(keyText(entry[0]), entry);
  }
  get size(): number {
    return this.#entries.size;
  }
  get(key: Value): Value | undefined {
    return this.#entries.get(keyText(key))?.[1];
  }
  *keys(): Generator<Value> {
    for (const [key] of this.#entries.values()) yield key;
  }
  /** Adds an entry in place: for the hidden maps of folds, which nobody else holds. */
  insert(key: Value, value: Value): void {
    this.#entries.set(keyText(key), [key, value]);
  }
}

/** A struct that an expression made (`Object{…}`, `JSONPatch{…}`): the fields that were set, and its type's name. */
export class StructValue extends EntryMap {
  override readonly type: CelType;
  constructor(type: CelType, entries: Iterable<readonly [Value, Value]>) {
    super(entries);
    this.type = type;
  }
}

export type Value =
  | boolean
  | bigint
  | number
  | string
  | null
  | Uint
  | Uint8Array
  | Timestamp
  | Duration
  | TypeValue
  | Optional
  | Opaque
  | ListValue
  | MapValue;

/** The identity of a map key. */
export function keyText(key: Value): string {
  if (typeof key === 'string') return `s${key}`;
  if (typeof key === 'bigint') return `n${key}`;
  if (key instanceof Uint) return `n${key.value}`;
  if (typeof key === 'boolean') return `b${key}`;
  if (typeof key === 'number' && Number.isInteger(key)) return `n${BigInt(key)}`;
  return `?${String(key)}`;
}

/** Whether a value is a number of any type. */
export function isNumeric(value: Value): value is bigint | number | Uint {
  return typeof value === 'bigint' || typeof value === 'number' || value instanceof Uint;
}

/** Orders numbers of any types exactly; NaN is not comparable (undefined). */
export function compareNumbers(a: bigint | number | Uint, b: bigint | number | Uint): number | undefined {
  const left = a instanceof Uint ? a.value : a;
  const right = b instanceof Uint ? b.value : b;
  // JavaScript compares bigint and number by their mathematical values.
  return left < right ? -1 : left > right ? 1 : left == right ? 0 : undefined;
}

/** CEL's equality: numbers by value whatever their type, everything else by type and contents. Never throws. */
export function equalValues(a: Value, b: Value): boolean {
  if (isNumeric(a)) return isNumeric(b) && compareNumbers(a, b) === 0;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  if (a instanceof Timestamp) return b instanceof Timestamp && a.nanos === b.nanos;
  if (a instanceof Duration) return b instanceof Duration && a.nanos === b.nanos;
  if (a instanceof TypeValue) return b instanceof TypeValue && sameType(a.type, b.type);
  if (a instanceof Opaque) return b instanceof Opaque && a.type === b.type && a.equals(b);
  if (a instanceof ListValue) return b instanceof ListValue && a.equals(b, equalValues);
  if (a instanceof MapValue) return b instanceof MapValue && equalMaps(a, b);
  if (a instanceof Optional && b instanceof Optional) {
    if (a.value === undefined || b.value === undefined) return a.value === b.value;
    return equalValues(a.value, b.value);
  }
  return false;
}

function equalMaps(a: MapValue, b: MapValue): boolean {
  if (a.size !== b.size) return false;
  for (const key of a.keys()) {
    const other = b.get(key);
    if (other === undefined || !equalValues(a.get(key) as Value, other)) return false;
  }
  return true;
}

/** How long a value is for the cost model: characters, bytes, elements, entries; 1 for everything else. */
export function sizeOf(value: Value): number {
  if (typeof value === 'string') return value.length < 32 ? codePoints(value) : value.length;
  if (value instanceof Uint8Array) return value.length;
  if (value instanceof ListValue || value instanceof MapValue) return value.size;
  if (value instanceof Optional && value.value !== undefined) return sizeOf(value.value);
  return 1;
}

/** The number of Unicode characters of a text. */
export function codePoints(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit < 0xdc00 && i + 1 < text.length) i++;
    count++;
  }
  return count;
}
