// Optional values: what `.?`, `[?]` and optional.of() make.
import { CelError } from '../budget.ts';
import { fn, method, type Library } from '../overload.ts';
import { A, bool, list, optional } from '../types.ts';
import { ArrayList, ListValue, MapValue, Optional, Timestamp, Uint, type Value } from '../values.ts';

/** Whether a value is its type's zero. */
function isZero(value: Value): boolean {
  if (value instanceof ListValue || value instanceof MapValue) return value.size === 0;
  if (value instanceof Uint8Array) return value.length === 0;
  if (value instanceof Uint) return value.value === 0n;
  if (value instanceof Timestamp) return value.nanos === 0n;
  return value === null || value === false || value === 0 || value === 0n || value === '';
}

function valueOf({ value }: Optional): Value {
  if (value === undefined) throw new CelError('optional.none() dereference');
  return value;
}

function unwrap(items: ListValue): ListValue {
  return new ArrayList(
    [...items].flatMap((item) => (item instanceof Optional && item.value !== undefined ? [item.value] : [])),
  );
}

/** Functions of optional values; `or` and `orValue` are evaluated lazily by the interpreter, here are their types. */
export const optionals: Library = [
  fn('optional.of', 'optional_of', [A], optional(A), (value: Value) => new Optional(value)),
  fn('optional.ofNonZeroValue', 'optional_ofNonZeroValue', [A], optional(A), (value: Value) =>
    isZero(value) ? Optional.none : new Optional(value),
  ),
  fn('optional.none', 'optional_none', [], optional(A), () => Optional.none),
  fn('optional.unwrap', 'optional_unwrap', [list(optional(A))], list(A), unwrap),
  method('unwrapOpt', 'optional_unwrapOpt', [list(optional(A))], list(A), unwrap),
  method('hasValue', 'optional_hasValue', [optional(A)], bool, ({ value }: Optional) => value !== undefined),
  method('value', 'optional_value', [optional(A)], A, valueOf),
  method('or', 'optional_or_optional', [optional(A), optional(A)], optional(A), (a: Optional, b: Optional) =>
    a.value === undefined ? b : a,
  ),
  method('orValue', 'optional_orValue_value', [optional(A), A], A, (a: Optional, b: Value) => a.value ?? b),
];
