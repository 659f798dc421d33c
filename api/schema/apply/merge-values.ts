// Lays an applied value over a live one, and takes away what its manager once applied and nobody wants any more.
import { isRecord, type JsonObject } from '../json-value.ts';
import { orderElements } from '../patch/element-order.ts';
import type { Schema } from '../schema.ts';
import { isEmptySet, type FieldSet } from './field-set.ts';
import { elementOf, fieldSchema, indexParts, isLeaf } from './typed-value.ts';

/** The live value with the applied one laid over it. */
export function mergeValues(schema: Schema | undefined, live: unknown, applied: unknown): unknown {
  if (live === undefined || isLeaf(schema, applied) || isLeaf(schema, live)) return applied;
  if (Array.isArray(live) && Array.isArray(applied)) return mergeElements(schema, live, applied);
  if (!isRecord(live) || !isRecord(applied)) return applied;
  const result: JsonObject = { ...live };
  for (const [key, value] of Object.entries(applied)) {
    result[key] = mergeValues(fieldSchema(schema, key), result[key], value);
  }
  return result;
}

function mergeElements(schema: Schema | undefined, live: readonly unknown[], applied: readonly unknown[]): unknown[] {
  const asked = indexParts(schema, applied);
  const had = indexParts(schema, live);
  const kept = live.map((item) => {
    const part = asked.get(elementOf(schema, item));
    return part === undefined ? item : mergeValues(schema?.items, item, part.value);
  });
  const fresh = applied.filter((item) => !had.has(elementOf(schema, item)));
  return orderElements([...kept, ...fresh], applied, live, (item) => elementOf(schema, item));
}

/** Who claims what, while a value is pruned. */
export interface Claims {
  /** What the manager applied before. */
  readonly last: FieldSet;
  /** What it applies now, and what all others own. */
  readonly kept: FieldSet;
}

/** The value without what the manager gave up; undefined when nothing of it is left. */
export function pruneValue(schema: Schema | undefined, value: unknown, { last, kept }: Claims): unknown {
  if (isEmptySet(last) || isLeaf(schema, value)) return value;
  if (Array.isArray(value)) {
    const rest = value.flatMap((item) => {
      const pruned = prunePart(schema?.items, item, elementOf(schema, item), { last, kept });
      return pruned === undefined ? [] : [pruned];
    });
    return rest.length === 0 && value.length > 0 && !kept.own ? undefined : rest;
  }
  const object = value as JsonObject;
  const rest: JsonObject = {};
  for (const [key, child] of Object.entries(object)) {
    const pruned = prunePart(fieldSchema(schema, key), child, `f:${key}`, { last, kept });
    if (pruned !== undefined) rest[key] = pruned;
  }
  const emptied = Object.keys(rest).length === 0 && Object.keys(object).length > 0;
  return emptied && !kept.own ? undefined : rest;
}

function prunePart(schema: Schema | undefined, value: unknown, element: string, { last, kept }: Claims): unknown {
  const had = last.children.get(element);
  if (had === undefined) return value;
  const has = kept.children.get(element);
  if (has === undefined) return had.own ? undefined : pruneValue(schema, value, { last: had, kept: nobody });
  return pruneValue(schema, value, { last: had, kept: has });
}

const nobody: FieldSet = { own: false, children: new Map() };
