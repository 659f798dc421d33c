// Checks that the rules of many kinds share. A check returns what is wrong, at a path.
import { checkPortName, checkPortNumber } from '../../../meta/names.ts';
import { tryParseQuantity } from '../../../meta/quantity.ts';
import { duplicate, invalidValue, required, type FieldError } from '../../../schema/field-error.ts';

/** Turns sentences about a value into errors. */
export function invalidFor(path: string, value: unknown, sentences: readonly string[]): FieldError[] {
  return sentences.map((sentence) => invalidValue(path, value, sentence));
}

/** A whole number that is not negative, where it is given. */
export function nonNegative(path: string, value: number | undefined): FieldError[] {
  return value !== undefined && value < 0 ? [invalidValue(path, value, 'must be greater than or equal to 0')] : [];
}

/** A port as a number, or as the name of a container's port. */
export function checkPort(path: string, port: number | string): FieldError[] {
  return invalidFor(path, port, typeof port === 'number' ? checkPortNumber(port) : checkPortName(port));
}

/** Values that must differ; reports each repetition at its own path. */
export function checkUnique<T>(
  items: readonly T[],
  keyOf: (item: T) => string | undefined,
  pathOf: (index: number) => string,
): FieldError[] {
  const seen = new Set<string>();
  return items.flatMap((item, index) => {
    const key = keyOf(item);
    if (key === undefined || key === '') return [];
    if (seen.has(key)) return [duplicate(pathOf(index), key)];
    seen.add(key);
    return [];
  });
}

/** Exactly one of several members must be set. `words` says what they are called together. */
export function checkOneOf(path: string, object: object, members: readonly string[], words: string): FieldError[] {
  const fields = object as Readonly<Record<string, unknown>>;
  const set = members.filter((member) => fields[member] !== undefined);
  if (set.length === 0) return [required(path, `must specify ${words}`)];
  const [, ...surplus] = set;
  return surplus.map((member) => ({
    path: `${path}.${member}`,
    reason: 'FieldValueForbidden',
    message: `Forbidden: may not specify more than 1 ${words.replace(/^(a|an|one of:) /, '')}`,
  }));
}

/** A relative path that does not climb. */
export function checkLocalPath(path: string, value: string): FieldError[] {
  const errors = value.startsWith('/') ? [invalidValue(path, value, 'must be a relative path')] : [];
  return [...errors, ...checkNoClimbing(path, value)];
}

export function checkNoClimbing(path: string, value: string): FieldError[] {
  return value.split('/').includes('..') ? [invalidValue(path, value, "must not contain '..'")] : [];
}

/** A quantity that is not negative. */
export function checkAmount(path: string, value: string): FieldError[] {
  const negative = (tryParseQuantity(value)?.nanos ?? 0n) < 0n;
  return negative ? [invalidValue(path, value, 'must be greater than or equal to 0')] : [];
}
