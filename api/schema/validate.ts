// Structural validation: required fields and enums. It expects an object that went through `decode`, so types hold.
import type { FieldError } from './field-error.ts';
import * as field from './field-error.ts';
import type { Schema } from './schema.ts';
import { WalkPath } from './walk-path.ts';

/**
 * Every required field that is missing and every value outside its enum. The status of a kind is not judged:
 * it is reported, not asked for, and upstream takes it as it comes.
 */
export function validateStructure(schema: Schema, object: unknown): FieldError[] {
  const errors: FieldError[] = [];
  const { status: _status, ...asked } = object as Record<string, unknown>;
  if (judgesAnything(schema)) validateValue(schema, asked, new WalkPath(), errors);
  return errors;
}

const judging = new WeakMap<Schema, boolean>();

/** Whether a schema demands anything anywhere; subtrees that do not are skipped. */
function judgesAnything(schema: Schema): boolean {
  const known = judging.get(schema);
  if (known !== undefined) return known;
  judging.set(schema, true);
  const judges =
    schema.values !== undefined ||
    schema.required.length > 0 ||
    (schema.items !== undefined && judgesAnything(schema.items)) ||
    [...(schema.fields?.values() ?? [])].some(judgesAnything);
  judging.set(schema, judges);
  return judges;
}

function validateValue(schema: Schema, value: unknown, path: WalkPath, errors: FieldError[]): void {
  if (schema.type === 'object') return validateObject(schema, value as Record<string, unknown>, path, errors);
  if (schema.values !== undefined) {
    if (!schema.values.includes(value as string)) errors.push(field.notSupported(path.text(), value, schema.values));
    return;
  }
  const { items } = schema;
  if (items === undefined || !judgesAnything(items)) return;
  for (const [step, child] of Object.entries(value as object)) {
    path.enter(schema.type === 'list' ? Number(step) : `[${step}]`);
    validateValue(items, child, path, errors);
    path.leave();
  }
}

function validateObject(schema: Schema, value: Record<string, unknown>, path: WalkPath, errors: FieldError[]): void {
  for (const key of schema.required) {
    const present = value[key];
    if (present === undefined || present === '') errors.push(field.required(path.text(key)));
  }
  for (const key in value) {
    const child = schema.fields?.get(key);
    const present = value[key];
    if (child === undefined || present === undefined || present === '' || !judgesAnything(child)) continue;
    path.enter(key);
    validateValue(child, present, path, errors);
    path.leave();
  }
}
