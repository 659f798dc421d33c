// How a value is taken apart: what is one value (a leaf), what has fields or elements, and how elements are told apart.
// Without a schema, objects have fields and lists are one value, as upstream deduces.
import { isRecord, type JsonObject } from '../json-value.ts';
import type { Schema } from '../schema.ts';

/** A part of a value: its path element, its schema if known, and the value. */
export interface Part {
  readonly element: string;
  readonly schema: Schema | undefined;
  readonly value: unknown;
}

/** Whether a value is owned as a whole. */
export function isLeaf(schema: Schema | undefined, value: unknown): boolean {
  if (Array.isArray(value)) return schema === undefined || (schema.listType !== 'map' && schema.listType !== 'set');
  if (!isRecord(value)) return true;
  if (schema === undefined) return false;
  return schema.type === 'json' || schema.mapType === 'atomic' || (schema.type !== 'object' && schema.type !== 'map');
}

/** The schema of a field. */
export function fieldSchema(schema: Schema | undefined, key: string): Schema | undefined {
  return schema?.type === 'map' ? schema.items : schema?.fields?.get(key);
}

/** The parts of an object or of a list whose elements can be told apart. */
export function partsOf(schema: Schema | undefined, value: unknown): Part[] {
  if (Array.isArray(value)) {
    return value.map((item) => ({ element: elementOf(schema, item), schema: schema?.items, value: item }));
  }
  return Object.entries(value as JsonObject).map(([key, child]) => ({
    element: `f:${key}`,
    schema: fieldSchema(schema, key),
    value: child,
  }));
}

/** How an element of a list is told apart: by the values of its keys, or by itself. */
export function elementOf(schema: Schema | undefined, item: unknown): string {
  if (schema?.listType !== 'map' || !isRecord(item)) return `v:${JSON.stringify(item)}`;
  const keys: JsonObject = {};
  for (const key of [...(schema.listKeys ?? [])].sort()) {
    const value = item[key] ?? schema.items?.fields?.get(key)?.initial;
    if (value !== undefined) keys[key] = value;
  }
  return `k:${JSON.stringify(keys)}`;
}

/** Parts by their elements; of repeated elements the last counts. */
export function indexParts(schema: Schema | undefined, value: unknown): Map<string, Part> {
  return new Map(partsOf(schema, value).map((part) => [part.element, part]));
}
