// Strategic merge patch: a merge patch that knows from the schema how lists merge, with the directives `$patch`,
// `$retainKeys`, `$setElementOrder/x` and `$deleteFromPrimitiveList/x`.
// https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
import type { Schema } from '../schema.ts';
import { orderElements, type Identity } from './element-order.ts';
import { isRecord, type JsonObject } from '../json-value.ts';
import { inapplicablePatch, malformedPatch } from './patch-error.ts';

const patchDirective = '$patch';
const retainKeysDirective = '$retainKeys';
const orderPrefix = '$setElementOrder/';
const deletionPrefix = '$deleteFromPrimitiveList/';

/** Applies a strategic merge patch; throws an ApiError when the patch is malformed. */
export function applyStrategicMergePatch<T>(schema: Schema, original: T, patch: unknown): T {
  if (!isRecord(patch)) throw malformedPatch('a strategic merge patch is an object');
  return mergeObject(schema, original as JsonObject, patch) as T;
}

function mergeObject(schema: Schema | undefined, original: JsonObject, patch: JsonObject): JsonObject {
  switch (patch[patchDirective]) {
    case undefined:
    case 'merge':
      break;
    case 'replace':
      return (withoutDirectives(patch) as JsonObject | undefined) ?? {};
    case 'delete':
      return {};
    default:
      throw malformedPatch(`unknown patch type: ${String(patch[patchDirective])}`);
  }
  const result = retained(original, patch);
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(deletionPrefix)) deleteScalars(result, key.slice(deletionPrefix.length), value);
  }
  for (const [key, value] of Object.entries(patch)) {
    if (!key.startsWith('$') || key === '$ref' || key === '$schema') mergeField(schema, result, key, value);
  }
  for (const [key, order] of Object.entries(patch)) {
    if (key.startsWith(orderPrefix)) reorder(schema, original, result, key.slice(orderPrefix.length), order);
  }
  return result;
}

/** The original with only the keys that `$retainKeys` keeps. */
function retained(original: JsonObject, patch: JsonObject): JsonObject {
  const keep = patch[retainKeysDirective];
  if (keep === undefined) return { ...original };
  if (!Array.isArray(keep)) throw malformedPatch(`${retainKeysDirective} is a list of keys`);
  const stray = Object.keys(patch).find((key) => !key.startsWith('$') && patch[key] !== null && !keep.includes(key));
  if (stray !== undefined) throw malformedPatch(`${stray} is not among the ${retainKeysDirective}`);
  return Object.fromEntries(Object.entries(original).filter(([key]) => keep.includes(key)));
}

function mergeField(schema: Schema | undefined, result: JsonObject, key: string, value: unknown): void {
  if (value === null) {
    delete result[key];
    return;
  }
  const field = fieldSchema(schema, key);
  const current = result[key];
  let next: unknown;
  if (isRecord(value) && isRecord(current) && field?.strategy !== 'replace') {
    next = mergeObject(field, current, value);
  } else if (Array.isArray(value) && Array.isArray(current) && mergesElements(field)) {
    next = mergeList(field, current, value);
  } else {
    next = withoutDirectives(value);
  }
  if (next === undefined) delete result[key];
  else result[key] = next;
}

function fieldSchema(schema: Schema | undefined, key: string): Schema | undefined {
  return schema?.type === 'map' ? schema.items : schema?.fields?.get(key);
}

function mergesElements(field: Schema | undefined): field is Schema {
  return field?.strategy === 'merge' || field?.strategy === 'merge,retainKeys';
}

function mergeList(field: Schema, original: readonly unknown[], patch: readonly unknown[]): unknown[] {
  const { mergeKey } = field;
  if (mergeKey === undefined) return orderElements([...new Set([...original, ...patch])], patch, original, itself);
  const rest: JsonObject[] = [];
  let kept = original;
  let replaces = false;
  for (const element of patch) {
    if (!isRecord(element)) throw malformedPatch(`expected a list of objects with the key ${mergeKey}`);
    const directive = element[patchDirective];
    if (directive === 'replace') replaces = true;
    else if (directive === 'delete')
      kept = kept.filter((other) => !sameKey(mergeKey, other, demandKey(element, mergeKey)));
    else if (directive === undefined || directive === 'merge') rest.push(element);
    else throw malformedPatch(`unknown patch type: ${String(directive)}`);
  }
  if (replaces) return rest.map(withoutDirectives).filter((element) => element !== undefined);
  return orderElements(mergeElements(field.items, kept, rest, mergeKey), rest, original, keyed(mergeKey));
}

function mergeElements(
  items: Schema | undefined,
  original: readonly unknown[],
  patch: readonly JsonObject[],
  mergeKey: string,
): unknown[] {
  const result = [...original];
  for (const element of patch) {
    const id = demandKey(element, mergeKey);
    const at = result.findIndex((other) => sameKey(mergeKey, other, id));
    if (at < 0) result.push(withoutDirectives(element));
    else result[at] = mergeObject(items, result[at] as JsonObject, element);
  }
  return result;
}

function demandKey(element: JsonObject, mergeKey: string): unknown {
  const id = element[mergeKey];
  if (id === undefined) {
    throw malformedPatch(`map: ${JSON.stringify(element)} does not contain declared merge key: ${mergeKey}`);
  }
  return id;
}

function sameKey(mergeKey: string, element: unknown, id: unknown): boolean {
  return isRecord(element) && element[mergeKey] === id;
}

function deleteScalars(result: JsonObject, key: string, doomed: unknown): void {
  if (!Array.isArray(doomed)) throw malformedPatch(`${deletionPrefix}${key} is a list`);
  const current = result[key];
  if (Array.isArray(current)) result[key] = current.filter((element) => !doomed.includes(element));
}

function reorder(
  schema: Schema | undefined,
  original: JsonObject,
  result: JsonObject,
  key: string,
  order: unknown,
): void {
  if (!Array.isArray(order)) throw malformedPatch(`${orderPrefix}${key} is a list`);
  const merged = result[key];
  if (!Array.isArray(merged)) return;
  const mergeKey = fieldSchema(schema, key)?.mergeKey;
  const identity = mergeKey === undefined ? itself : keyed(mergeKey);
  const before = original[key];
  if (mergeKey !== undefined && !order.every(isRecord)) {
    throw inapplicablePatch(`${orderPrefix}${key} must hold objects with the key ${mergeKey}`);
  }
  result[key] = orderElements(merged, order, Array.isArray(before) ? before : [], identity);
}

const itself: Identity = (element) => element;

function keyed(mergeKey: string): Identity {
  return (element) => (isRecord(element) ? element[mergeKey] : element);
}

/** A value of a patch as it stands in a new place: without nulls and directives; undefined when it says delete. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value
      .filter((element) => !isLoneDirective(element))
      .map(withoutDirectives)
      .filter((element) => element !== undefined);
  }
  if (!isRecord(value)) return value;
  if (value[patchDirective] === 'delete') return undefined;
  const result: JsonObject = {};
  for (const [key, child] of Object.entries(value)) {
    const directive =
      key === patchDirective ||
      key === retainKeysDirective ||
      key.startsWith(orderPrefix) ||
      key.startsWith(deletionPrefix);
    if (directive || child === null) continue;
    const clean = withoutDirectives(child);
    if (clean !== undefined) result[key] = clean;
  }
  return result;
}

/** The element that only says that its list replaces. */
function isLoneDirective(element: unknown): boolean {
  return isRecord(element) && patchDirective in element && Object.keys(element).length === 1;
}
