// Turns parsed JSON into an object of its schema, in place and in one pass: unknown fields are reported and dropped,
// nulls and empty optional lists and maps are dropped, quantities and times become canonical, and values of a wrong
// type are reported. Afterwards defaults and rules may trust every type. Required fields and enums are `validateStructure`'s.
import { tryParseQuantity, formatQuantity } from '../meta/quantity.ts';
import { formatMicroTime, formatTime, parseTime } from '../meta/time.ts';
import type { FieldError } from './field-error.ts';
import type { Schema } from './schema.ts';
import { WalkPath } from './walk-path.ts';

/** What to do about what a schema does not know. */
export interface DecodeOptions {
  /** Called with the path of each unknown field, before it is dropped. */
  onUnknown?(path: string): void;
}

interface Walk {
  readonly path: WalkPath;
  readonly errors: FieldError[];
  readonly options: DecodeOptions;
}

/** Decodes in place and returns what had a wrong type; the object may be used only when that is nothing. */
export function decode(schema: Schema, object: unknown, options: DecodeOptions = {}): FieldError[] {
  const walk: Walk = { path: new WalkPath(), errors: [], options };
  decodeValue(schema, object, walk);
  return walk.errors;
}

/** Drops unknown fields in place, telling `onUnknown` of each; types are not judged. */
export function pruneUnknown<T>(schema: Schema<T>, object: T, options: DecodeOptions = {}): T {
  decode(schema, object, options);
  return object;
}

function decodeValue(schema: Schema, value: unknown, walk: Walk): unknown {
  switch (schema.type) {
    case 'object':
      return isRecord(value) ? decodeObject(schema, value, walk) : mistyped(walk, 'object', value);
    case 'map':
      return isRecord(value) ? decodeMap(schema, value, walk) : mistyped(walk, 'map', value);
    case 'list':
      return Array.isArray(value) ? decodeList(schema, value, walk) : mistyped(walk, 'array', value);
    case 'string':
    case 'boolean':
    case 'number':
      return typeof value === schema.type ? value : mistyped(walk, schema.type, value);
    case 'integer':
      return isInteger(value, schema.format) ? value : mistyped(walk, schema.format, value);
    case 'bytes':
      return isBase64(value) ? value : mistyped(walk, 'base64 text', value);
    case 'quantity':
      return decodeQuantity(value, walk);
    case 'time':
      return decodeTime(value, formatTime, walk);
    case 'microTime':
      return decodeTime(value, formatMicroTime, walk);
    case 'intOrString':
      return typeof value === 'string' || isInteger(value, 'int32') ? value : mistyped(walk, 'int or string', value);
    case 'json':
      return value;
  }
}

function decodeObject(schema: Schema, value: Record<string, unknown>, walk: Walk): unknown {
  const fields = schema.fields;
  if (fields === undefined) return value;
  for (const key in value) {
    const field = fields.get(key);
    if (field === undefined) {
      walk.options.onUnknown?.(walk.path.text(key));
      delete value[key];
      continue;
    }
    const child = value[key];
    if (child === null || child === undefined || (isEmpty(field, child) && !schema.required.includes(key))) {
      delete value[key];
      continue;
    }
    walk.path.enter(key);
    const decoded = decodeValue(field, child, walk);
    if (decoded !== child) value[key] = decoded;
    walk.path.leave();
  }
  return value;
}

function isEmpty(field: Schema, value: unknown): boolean {
  if (field.type === 'list') return Array.isArray(value) && value.length === 0;
  if (field.type !== 'map' || !isRecord(value)) return false;
  for (const _ in value) return false;
  return true;
}

function decodeMap(schema: Schema, value: Record<string, unknown>, walk: Walk): unknown {
  const { items } = schema;
  if (items === undefined) return value;
  for (const key in value) {
    const child = value[key];
    if (child === null && (items.type === 'string' || items.type === 'bytes')) {
      value[key] = '';
      continue;
    }
    walk.path.enter(`[${key}]`);
    const decoded = decodeValue(items, child, walk);
    if (decoded !== child) value[key] = decoded;
    walk.path.leave();
  }
  return value;
}

function decodeList(schema: Schema, value: unknown[], walk: Walk): unknown {
  const { items } = schema;
  if (items === undefined) return value;
  for (const [index, child] of value.entries()) {
    walk.path.enter(index);
    const decoded = decodeValue(items, child, walk);
    if (decoded !== child) value[index] = decoded;
    walk.path.leave();
  }
  return value;
}

function decodeQuantity(value: unknown, walk: Walk): unknown {
  const quantity = typeof value === 'string' || typeof value === 'number' ? tryParseQuantity(value) : undefined;
  if (quantity !== undefined) return formatQuantity(quantity);
  const message = `quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`;
  walk.errors.push({ path: walk.path.text(), reason: 'FieldValueTypeInvalid', message });
  return value;
}

function decodeTime(value: unknown, format: (ms: number) => string, walk: Walk): unknown {
  const ms = typeof value === 'string' ? parseTime(value) : undefined;
  if (ms === undefined) return mistyped(walk, 'RFC 3339 time', value);
  // The text says microseconds exactly; milliseconds as a double would not.
  if (format === formatMicroTime && typeof value === 'string' && /\.\d{6}Z$/.test(value)) return value;
  return format(ms);
}

function mistyped(walk: Walk, wanted: string, value: unknown): unknown {
  const found = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  const path = walk.path.text();
  const message = `cannot unmarshal ${found} into field ${path} of type ${wanted}`;
  walk.errors.push({ path, reason: 'FieldValueTypeInvalid', message });
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isInteger(value: unknown, format: string): value is number {
  // Whole numbers beyond 2^53 were rounded when they were parsed: what cannot be kept exactly is not taken.
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) return false;
  return format === 'int64' || (value >= -2147483648 && value <= 2147483647);
}

function isBase64(value: unknown): boolean {
  return typeof value === 'string' && value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value);
}
