// Values of CEL as JSON, for what expressions make: patches, configurations, messages.
import { CelError } from './budget.ts';
import { formatDuration, formatTimestamp } from './time-text.ts';
import { Duration, ListValue, MapValue, Optional, Timestamp, Uint, type Value } from './values.ts';

const deepest = 500;

/** A value as JSON; throws CelError for what JSON cannot hold. Absent optionals are left out. */
export function toJson(value: Value, depth = 0): unknown {
  if (depth > deepest) throw new CelError(`the value nests deeper than ${deepest} levels`);
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new CelError(`${value} cannot be written as JSON`);
    return value;
  }
  if (typeof value === 'bigint' || value instanceof Uint) {
    const whole = value instanceof Uint ? value.value : value;
    const number = Number(whole);
    if (BigInt(number) !== whole) throw new CelError(`${whole} cannot be written as JSON exactly`);
    return number;
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (value instanceof Duration) return formatDuration(value);
  if (value instanceof Optional) return value.value === undefined ? undefined : toJson(value.value, depth + 1);
  if (value instanceof ListValue) return [...value].map((item) => toJson(item, depth + 1));
  if (value instanceof MapValue) {
    const found: [string, unknown][] = [];
    for (const key of value.keys()) {
      if (typeof key !== 'string') throw new CelError('only texts can be keys of a JSON object');
      const held = toJson(value.get(key) as Value, depth + 1);
      if (held !== undefined) found.push([key, held]);
    }
    return Object.fromEntries(found);
  }
  throw new CelError('the value cannot be written as JSON');
}
