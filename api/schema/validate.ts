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
  const demands = demandsOf(schema);
  if (demands !== undefined)
    validateObject(demands, object as Record<string, unknown>, new WalkPath(), errors, 'status');
  return errors;
}

/** What a schema demands, found out once; subtrees that demand nothing are not in it. */
interface Demands {
  readonly isObject: boolean;
  readonly isList: boolean;
  readonly required: readonly string[];
  readonly values: readonly string[] | undefined;
  readonly fields: Map<string, Demands>;
  /** Of what a list or map holds. */
  items: Demands | undefined;
}

const known = new WeakMap<Schema, Demands>();

function demandsOf(schema: Schema): Demands | undefined {
  if (!judgesAnything(schema)) return undefined;
  let demands = known.get(schema);
  if (demands !== undefined) return demands;
  const { type, required, values } = schema;
  demands = {
    isObject: type === 'object',
    isList: type === 'list',
    required,
    values,
    fields: new Map(),
    items: undefined,
  };
  // Known before it is complete: schemas may contain themselves.
  known.set(schema, demands);
  for (const [key, field] of schema.fields ?? []) {
    const child = demandsOf(field);
    if (child !== undefined) demands.fields.set(key, child);
  }
  demands.items = schema.items && demandsOf(schema.items);
  return demands;
}

const judging = new WeakMap<Schema, boolean>();

/** Whether a schema demands anything anywhere. */
function judgesAnything(schema: Schema): boolean {
  const judged = judging.get(schema);
  if (judged !== undefined) return judged;
  judging.set(schema, true);
  const judges =
    schema.values !== undefined ||
    schema.required.length > 0 ||
    (schema.items !== undefined && judgesAnything(schema.items)) ||
    [...(schema.fields?.values() ?? [])].some(judgesAnything);
  judging.set(schema, judges);
  return judges;
}

function validateValue(demands: Demands, value: unknown, path: WalkPath, errors: FieldError[]): void {
  if (demands.isObject) return validateObject(demands, value as Record<string, unknown>, path, errors);
  const { values, items } = demands;
  if (values !== undefined) {
    if (!values.includes(value as string)) errors.push(field.notSupported(path.text(), value, values));
    return;
  }
  if (items === undefined) return;
  if (demands.isList) {
    const list = value as readonly unknown[];
    for (let index = 0; index < list.length; index++) {
      path.enter(index);
      validateValue(items, list[index], path, errors);
      path.leave();
    }
    return;
  }
  for (const [key, child] of Object.entries(value as object)) {
    path.enter(`[${key}]`);
    validateValue(items, child, path, errors);
    path.leave();
  }
}

function validateObject(
  { required, fields }: Demands,
  value: Record<string, unknown>,
  path: WalkPath,
  errors: FieldError[],
  leftOut?: string,
): void {
  for (const key of required) {
    const present = value[key];
    if (present === undefined || present === '') errors.push(field.required(path.text(key)));
  }
  if (fields.size === 0) return;
  for (const key in value) {
    const child = fields.get(key);
    if (child === undefined || key === leftOut) continue;
    const present = value[key];
    if (present === undefined || present === '') continue;
    path.enter(key);
    validateValue(child, present, path, errors);
    path.leave();
  }
}
