// JSON as CEL sees it: objects and lists become values when they are looked into, with the types that a schema gives
// them; without a schema, whole numbers are ints and all others doubles, as in upstream's unstructured objects.
import type { Shape } from './environment.ts';
import { parseDuration, parseTimestamp } from './time-text.ts';
import { dyn, type CelType } from './types.ts';
import { ArrayList, EntryMap, keyText, ListValue, MapValue, type Value } from './values.ts';

/** What a schema says of a JSON value: its CEL type, how it is read, and how large it can be. */
export interface JsonType extends Shape {
  readonly type: CelType;
  /** How scalars are read. */
  readonly reads: 'json' | 'double' | 'timestamp' | 'date' | 'duration' | 'bytes';
  /** Fields of an object, by the name that expressions use. */
  readonly fields: ReadonlyMap<string, JsonField> | undefined;
  readonly items: JsonType | undefined;
  /** How lists compare and add: one after the other, as a set, or by the keys of their elements. */
  readonly listType: 'atomic' | 'set' | 'map';
  readonly listKeys: readonly string[];
}

/** A field: its name in JSON and its type. */
export interface JsonField {
  readonly name: string;
  readonly type: JsonType;
}

/** A JSON value as a value of CEL. */
export function fromJson(value: unknown, type?: JsonType): Value {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return fromText(value, type);
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return type?.reads === 'double' || !Number.isInteger(value) ? value : BigInt(value);
  if (Array.isArray(value)) return new JsonList(value, type);
  return new JsonMap(value as Record<string, unknown>, type);
}

function fromText(value: string, type: JsonType | undefined): Value {
  switch (type?.reads) {
    case 'timestamp':
      return parseTimestamp(value) ?? value;
    case 'date':
      return parseTimestamp(`${value}T00:00:00Z`) ?? value;
    case 'duration':
      return parseDuration(value) ?? value;
    case 'bytes':
      return Buffer.from(value, 'base64');
    default:
      return value;
  }
}

/** A JSON array. */
class JsonList extends ListValue {
  readonly #items: readonly unknown[];
  readonly #type: JsonType | undefined;
  constructor(items: readonly unknown[], type: JsonType | undefined) {
    super();
    this.#items = items;
    this.#type = type;
  }
  get size(): number {
    return this.#items.length;
  }
  at(index: number): Value {
    return fromJson(this.#items[index], this.#type?.items);
  }
  override equals(other: ListValue, same: (a: Value, b: Value) => boolean): boolean {
    const identity = this.#identity();
    if (identity === undefined || this.size !== other.size) return super.equals(other, same);
    const index = new Map([...this].map((item) => [identity(item), item] as const));
    if (index.size !== this.size) return super.equals(other, same);
    return [...other].every((item) => {
      const own = index.get(identity(item));
      return own !== undefined && same(own, item);
    });
  }
  /** Sets and keyed lists take in what they have not, and replace what has the same keys in its place. */
  override concat(other: ListValue): ListValue {
    const identity = this.#identity();
    if (identity === undefined) return new ArrayList([...this, ...other]);
    const merged = new Map([...this].map((item) => [identity(item), item] as const));
    for (const item of other) merged.set(identity(item), item);
    return new ArrayList([...merged.values()]);
  }
  #identity(): ((item: Value) => string) | undefined {
    const { listType = 'atomic', listKeys = [] } = this.#type ?? {};
    if (listType === 'set') return (item) => identityOf(item);
    if (listType === 'map')
      return (item) =>
        listKeys.map((key) => (item instanceof MapValue ? identityOf(item.get(key) ?? null) : '')).join('\u0000');
    return undefined;
  }
}

/** A text that is the same for equal values. */
function identityOf(value: Value): string {
  if (value instanceof ListValue) return `[${[...value].map(identityOf).join(',')}]`;
  if (value instanceof MapValue)
    return `{${[...value.keys()]
      .map((key) => `${keyText(key)}:${identityOf(value.get(key) as Value)}`)
      .sort()
      .join(',')}}`;
  return keyText(value);
}

/** A JSON object: with declared fields their escaped names, otherwise its own keys. */
class JsonMap extends MapValue {
  readonly #object: Readonly<Record<string, unknown>>;
  readonly #type: JsonType | undefined;
  override readonly type: CelType | undefined;
  constructor(object: Readonly<Record<string, unknown>>, type: JsonType | undefined) {
    super();
    this.#object = object;
    this.#type = type;
    this.type = type?.type.kind === 'object' ? type.type : undefined;
  }
  get size(): number {
    return Object.keys(this.#object).length;
  }
  get(key: Value): Value | undefined {
    if (typeof key !== 'string') return undefined;
    const field = this.#type?.fields?.get(key);
    const name = field?.name ?? key;
    // A field that is there without a value is what JSON would leave out.
    if (!Object.hasOwn(this.#object, name) || this.#object[name] === undefined) return undefined;
    return fromJson(this.#object[name], field?.type ?? this.#type?.items);
  }
  *keys(): Generator<Value> {
    const { fields } = this.#type ?? {};
    if (fields === undefined) yield* Object.keys(this.#object);
    else for (const [escaped, { name }] of fields) if (Object.hasOwn(this.#object, name)) yield escaped;
  }
}

/** Anything at all: no schema says more. */
export const anyJson: JsonType = {
  type: dyn,
  reads: 'json',
  fields: undefined,
  items: undefined,
  keys: undefined,
  listType: 'atomic',
  listKeys: [],
  size: { min: 0, max: Infinity },
  field: () => undefined,
};

/** An object with fields that are values already. */
export function valueMap(fields: Readonly<Record<string, Value>>): MapValue {
  return new EntryMap(Object.entries(fields));
}
