// What is wrong with a field, in the words that clients of Kubernetes know from a Status' causes.

/** The reasons that a Status cause may carry. */
export type FieldErrorReason =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid'
  | 'InternalError';

/** One thing wrong with one field; the message is complete without the path. */
export interface FieldError {
  readonly path: string;
  readonly reason: FieldErrorReason;
  readonly message: string;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value === undefined) return 'null';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

export function required(path: string, detail = ''): FieldError {
  const message = detail === '' ? 'Required value' : `Required value: ${detail}`;
  return { path, reason: 'FieldValueRequired', message };
}

export function invalidValue(path: string, value: unknown, detail: string): FieldError {
  return { path, reason: 'FieldValueInvalid', message: `Invalid value: ${shown(value)}: ${detail}` };
}

export function notSupported(path: string, value: unknown, supported: readonly string[]): FieldError {
  const list = [...supported].sort().map((text) => JSON.stringify(text));
  const message = `Unsupported value: ${shown(value)}: supported values: ${list.join(', ')}`;
  return { path, reason: 'FieldValueNotSupported', message };
}

export function duplicate(path: string, value: unknown): FieldError {
  return { path, reason: 'FieldValueDuplicate', message: `Duplicate value: ${shown(value)}` };
}

export function forbiddenField(path: string, detail: string): FieldError {
  return { path, reason: 'FieldValueForbidden', message: `Forbidden: ${detail}` };
}

export function notFoundValue(path: string, value: unknown): FieldError {
  return { path, reason: 'FieldValueNotFound', message: `Not found: ${shown(value)}` };
}

export function tooLong(path: string, maxBytes: number): FieldError {
  const message = `Too long: may not be more than ${maxBytes} bytes`;
  return { path, reason: 'FieldValueTooLong', message };
}

export function tooMany(path: string, actual: number, max: number): FieldError {
  return { path, reason: 'FieldValueTooMany', message: `Too many: ${actual}: must have at most ${max} items` };
}
