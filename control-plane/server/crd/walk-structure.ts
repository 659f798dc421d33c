// The walks over a custom object by its compiled schema: prune and type-check, default, validate.
import { isDeepStrictEqual } from 'node:util';
import { decode } from '../../../api/schema/decode.ts';
import { objectMeta } from '../../../api/kinds/meta/object-meta.ts';
import type { FieldError } from '../../../api/schema/field-error.ts';
import { stableJson } from '../registry/metadata.ts';
import type { StructuralNode } from './structural-schema.ts';
import { isOfType } from './value-rules.ts';

type Json = Record<string, unknown>;

const ownFields = new Set(['apiVersion', 'kind', 'metadata']);

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function childPath(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

/** Drops undeclared fields in place, telling of each; metadata is held to its own schema. */
export function prune(
  node: StructuralNode,
  value: unknown,
  path: string,
  isRoot: boolean,
  onUnknown: (path: string) => void,
): void {
  if (Array.isArray(value)) {
    const { items } = node;
    if (items !== undefined) value.forEach((item, index) => prune(items, item, `${path}[${index}]`, false, onUnknown));
    return;
  }
  if (!isObject(value)) return;
  const hasType = isRoot || node.isEmbedded;
  for (const key of Object.keys(value)) {
    if (hasType && ownFields.has(key)) continue;
    const child = node.properties.get(key) ?? (node.additional === true ? undefined : node.additional);
    if (child !== undefined) prune(child, value[key], childPath(path, key), false, onUnknown);
    else if (node.additional !== true && !node.preserves) {
      onUnknown(childPath(path, key));
      delete value[key];
    }
  }
}

/** Brings `metadata` to its schema; answers what has a wrong type. */
export function decodeMetadata(object: Json, onUnknown: (path: string) => void): FieldError[] {
  const faults = decode(objectMeta, object['metadata'], { onUnknown: (path) => onUnknown(`metadata.${path}`) });
  return faults.map((fault) => ({ ...fault, path: `metadata.${fault.path}` }));
}

/** Fills in declared defaults in place; a null that may not be null gives way to the default. */
export function fillDefaults(node: StructuralNode, value: unknown): void {
  if (!node.hasDefaults) return;
  if (Array.isArray(value)) {
    if (node.items !== undefined) for (const item of value) fillDefaults(node.items, item);
    return;
  }
  if (!isObject(value)) return;
  for (const [key, child] of node.properties) {
    if (child.initial !== undefined && (value[key] === undefined || (value[key] === null && !child.nullable)))
      value[key] = structuredClone(child.initial);
    if (value[key] !== undefined) fillDefaults(child, value[key]);
  }
  const { additional } = node;
  if (additional === undefined || additional === true) return;
  for (const key of Object.keys(value)) if (!node.properties.has(key)) fillDefaults(additional, value[key]);
}

/** Whether pruning and defaulting would leave the value as it is. */
export function isSettled(node: StructuralNode, value: unknown, isRoot: boolean): boolean {
  if (Array.isArray(value)) {
    const { items } = node;
    return items === undefined || value.every((item) => isSettled(items, item, false));
  }
  if (!isObject(value)) return true;
  for (const [key, child] of node.properties)
    if (child.initial !== undefined && (value[key] === undefined || (value[key] === null && !child.nullable)))
      return false;
  const hasType = isRoot || node.isEmbedded;
  return Object.keys(value).every((key) => {
    if (hasType && ownFields.has(key)) return true;
    const child = node.properties.get(key) ?? (node.additional === true ? undefined : node.additional);
    if (child === undefined) return node.additional === true || node.preserves;
    return isSettled(child, value[key], false);
  });
}

/** What stood in a value's place before, if that can be said: what did not change is not judged anew. */
export type Previous = { readonly value: unknown } | undefined;

function previousOf(previous: Previous, key: string): Previous {
  const object = previous?.value;
  return isObject(object) && Object.hasOwn(object, key) ? { value: object[key] } : undefined;
}

/** Everything that the schema refuses in a value. */
export function validateNode(
  node: StructuralNode,
  value: unknown,
  path: string,
  faults: FieldError[],
  previous: Previous = undefined,
): void {
  if (previous !== undefined && isDeepStrictEqual(value, previous.value)) return;
  if (value === null) {
    if (!node.nullable && node.type !== 'any') faults.push(typeFault(node, path, 'null'));
    return;
  }
  if (!hasType(node, value)) {
    faults.push(typeFault(node, path, Array.isArray(value) ? 'array' : typeof value));
    return;
  }
  for (const rule of node.rules) faults.push(...rule(value, path));
  if (Array.isArray(value)) validateList(node, value, path, faults, previous);
  else if (isObject(value)) {
    for (const name of node.required) {
      if (value[name] === undefined)
        faults.push({ path: childPath(path, name), reason: 'FieldValueRequired', message: 'Required value' });
    }
    for (const key of Object.keys(value)) {
      const child = node.properties.get(key) ?? (node.additional === true ? undefined : node.additional);
      if (child !== undefined) validateNode(child, value[key], childPath(path, key), faults, previousOf(previous, key));
    }
  }
}

function validateList(
  node: StructuralNode,
  value: readonly unknown[],
  path: string,
  faults: FieldError[],
  previous: Previous,
): void {
  const { items, listKeys, isSet } = node;
  const identityOf = (item: unknown): string =>
    stableJson(listKeys === undefined ? item : listKeys.map((key) => (item as Json | null)?.[key]));
  // Elements have a place of their own only where they have keys.
  const old = new Map(
    listKeys === undefined || !Array.isArray(previous?.value)
      ? []
      : previous.value.map((item: unknown) => [identityOf(item), { value: item }] as const),
  );
  if (items !== undefined)
    value.forEach((item, index) =>
      validateNode(items, item, `${path}[${index}]`, faults, old.size === 0 ? undefined : old.get(identityOf(item))),
    );
  if (!isSet && listKeys === undefined) return;
  const seen = new Set<string>();
  value.forEach((item, index) => {
    const identity = identityOf(item);
    if (seen.has(identity))
      faults.push({
        path: `${path}[${index}]`,
        reason: 'FieldValueDuplicate',
        message: `Duplicate value: ${JSON.stringify(item)}`,
      });
    seen.add(identity);
  });
}

function hasType(node: StructuralNode, value: unknown): boolean {
  if (node.type === 'any') return true;
  if (node.type === 'intOrString')
    return typeof value === 'string' || (typeof value === 'number' && Number.isInteger(value));
  return isOfType(node.type, value);
}

function typeFault(node: StructuralNode, path: string, found: string): FieldError {
  const wanted = node.type === 'intOrString' ? 'integer,string' : node.type;
  return {
    path,
    reason: 'FieldValueTypeInvalid',
    message: `Invalid value: ${JSON.stringify(found)}: ${path} in body must be of type ${wanted}: ${JSON.stringify(found)}`,
  };
}
