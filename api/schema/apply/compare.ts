// What a value has, and what differs between two: as sets of paths.
import { isRecord, sameJson } from '../json-value.ts';
import type { Schema } from '../schema.ts';
import { emptySet, ownSet, setOfChildren, type FieldSet } from './field-set.ts';
import { indexParts, isLeaf, partsOf, type Part } from './typed-value.ts';

/** The paths that an applied value claims: its leaves, and the elements of its lists. */
export function fieldsOf(schema: Schema | undefined, value: unknown): FieldSet {
  if (isLeaf(schema, value)) return ownSet;
  return setOfChildren(
    partsOf(schema, value).map((part) => {
      const below = fieldsOf(part.schema, part.value);
      const listed = !part.element.startsWith('f:') || isEmptyObject(part.value) || schema?.type === 'map';
      return [part.element, listed ? { own: true, children: below.children } : below] as const;
    }),
  );
}

function isEmptyObject(value: unknown): boolean {
  return isRecord(value) && Object.keys(value).length === 0;
}

/** What changed from one value to another. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

/** Compares two values of one schema. */
export function compareValues(schema: Schema | undefined, before: unknown, after: unknown): Comparison {
  if (before === undefined) return { added: everything(schema, after), modified: emptySet, removed: emptySet };
  if (after === undefined) return { added: emptySet, modified: emptySet, removed: everything(schema, before) };
  if (before === after) return nothing;
  if (isLeaf(schema, before) || isLeaf(schema, after) || Array.isArray(before) !== Array.isArray(after)) {
    return sameJson(before, after) ? nothing : { added: emptySet, modified: ownSet, removed: emptySet };
  }
  const [old, fresh] = [indexParts(schema, before), indexParts(schema, after)];
  const elements = new Set([...old.keys(), ...fresh.keys()]);
  const compared = [...elements].map(
    (element) => [element, compareParts(old.get(element), fresh.get(element))] as const,
  );
  const gather = (which: keyof Comparison): FieldSet =>
    setOfChildren(compared.map(([element, comparison]) => [element, comparison[which]] as const));
  return { added: gather('added'), modified: gather('modified'), removed: gather('removed') };
}

const nothing: Comparison = { added: emptySet, modified: emptySet, removed: emptySet };

function compareParts(before: Part | undefined, after: Part | undefined): Comparison {
  return compareValues((before ?? after)?.schema, before?.value, after?.value);
}

/** Every path of a value, the value's own included. */
function everything(schema: Schema | undefined, value: unknown): FieldSet {
  if (isLeaf(schema, value)) return ownSet;
  const children = partsOf(schema, value).map((part) => [part.element, everything(part.schema, part.value)] as const);
  return setOfChildren(children, true);
}

export function isUnchanged({ added, modified, removed }: Comparison): boolean {
  return [added, modified, removed].every((set) => !set.own && set.children.size === 0);
}
