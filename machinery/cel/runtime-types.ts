// Types of values at run time: which overload takes them, and what `type(x)` answers.
import {
  bool,
  bytes,
  double,
  duration,
  dyn,
  int,
  list,
  map,
  nothing,
  optional,
  text,
  timestamp,
  typeOf,
  uint,
  type CelType,
} from './types.ts';
import { Duration, ListValue, MapValue, Opaque, Optional, Timestamp, TypeValue, Uint, type Value } from './values.ts';

/** Whether a value may be passed where the type is declared; contents of containers are not looked at. */
export function isOfType(value: Value, type: CelType): boolean {
  switch (type.kind) {
    case 'dyn':
    case 'param':
      return true;
    case 'bool':
      return typeof value === 'boolean';
    case 'int':
      return typeof value === 'bigint';
    case 'uint':
      return value instanceof Uint;
    case 'double':
      return typeof value === 'number';
    case 'string':
      return typeof value === 'string';
    case 'bytes':
      return value instanceof Uint8Array;
    case 'null':
      return value === null;
    case 'timestamp':
      return value instanceof Timestamp;
    case 'duration':
      return value instanceof Duration;
    case 'list':
      return value instanceof ListValue;
    case 'map':
    case 'object':
      return value instanceof MapValue;
    case 'type':
      return value instanceof TypeValue;
    case 'opaque':
      if (type.name === 'optional_type') return value instanceof Optional;
      return value instanceof Opaque && value.type.kind === 'opaque' && value.type.name === type.name;
    case 'error':
      return false;
  }
}

/** The type of a value. */
export function typeOfValue(value: Value): CelType {
  if (typeof value === 'boolean') return bool;
  if (typeof value === 'bigint') return int;
  if (typeof value === 'number') return double;
  if (typeof value === 'string') return text;
  if (value === null) return nothing;
  if (value instanceof Uint) return uint;
  if (value instanceof Uint8Array) return bytes;
  if (value instanceof Timestamp) return timestamp;
  if (value instanceof Duration) return duration;
  if (value instanceof ListValue) return list(dyn);
  if (value instanceof MapValue) return value.type ?? map(dyn, dyn);
  if (value instanceof Optional) return optional(dyn);
  if (value instanceof TypeValue) return typeOf(dyn);
  return value.type;
}
