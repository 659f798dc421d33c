// Sets of field paths, as trees: the memory of who owns what. A set is never changed once it is made.
// Path elements are written as in `fieldsV1`: `f:name`, `k:{"name":"web"}`, `v:"value"`, `i:0`; `.` is the path itself.
import { isRecord } from '../json-value.ts';

/** A set of paths below one path, and whether that path itself is in the set. */
export interface FieldSet {
  readonly own: boolean;
  readonly children: ReadonlyMap<string, FieldSet>;
}

export const emptySet: FieldSet = { own: false, children: new Map() };

/** The set of just the path itself. */
export const ownSet: FieldSet = { own: true, children: new Map() };

/** A set of these children; empty ones are left out. */
export function setOfChildren(children: Iterable<readonly [string, FieldSet]>, own = false): FieldSet {
  const kept = new Map<string, FieldSet>();
  for (const [element, child] of children) if (!isEmptySet(child)) kept.set(element, child);
  return kept.size === 0 && !own ? emptySet : { own, children: kept };
}

export function isEmptySet(set: FieldSet): boolean {
  return !set.own && set.children.size === 0;
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(a)) return b;
  if (isEmptySet(b)) return a;
  const children = new Map(a.children);
  for (const [element, child] of b.children) {
    const other = children.get(element);
    children.set(element, other === undefined ? child : union(other, child));
  }
  return { own: a.own || b.own, children };
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const children: [string, FieldSet][] = [];
  for (const [element, child] of a.children) {
    const other = b.children.get(element);
    if (other !== undefined) children.push([element, intersection(child, other)]);
  }
  return setOfChildren(children, a.own && b.own);
}

export function difference(a: FieldSet, b: FieldSet): FieldSet {
  const children: [string, FieldSet][] = [];
  for (const [element, child] of a.children) {
    const other = b.children.get(element);
    children.push([element, other === undefined ? child : difference(child, other)]);
  }
  return setOfChildren(children, a.own && !b.own);
}

/** `a` without every path of `b` and everything below it. */
export function recursiveDifference(a: FieldSet, b: FieldSet): FieldSet {
  if (b.own) return emptySet;
  const children: [string, FieldSet][] = [];
  for (const [element, child] of a.children) {
    const other = b.children.get(element);
    children.push([element, other === undefined ? child : recursiveDifference(child, other)]);
  }
  return setOfChildren(children, a.own);
}

/** Every path of a set, as lists of elements. */
export function pathsOf(set: FieldSet, above: readonly string[] = []): string[][] {
  const here = set.own ? [[...above]] : [];
  return [...here, ...[...set.children].flatMap(([element, child]) => pathsOf(child, [...above, element]))];
}

/** The set as `fieldsV1` has it. */
export function toFieldsV1(set: FieldSet): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  if (set.own && set.children.size > 0) fields['.'] = {};
  for (const [element, child] of [...set.children].sort(([a], [b]) => (a < b ? -1 : 1))) {
    fields[element] = toFieldsV1(child);
  }
  return fields;
}

/** The set that `fieldsV1` says; what is no set counts as nothing. */
export function fromFieldsV1(fields: unknown): FieldSet {
  if (!isRecord(fields)) return emptySet;
  return setOfChildren(
    Object.entries(fields).flatMap(([element, child]) => readChild(element, child)),
    '.' in fields,
  );
}

function readChild(element: string, child: unknown): [string, FieldSet][] {
  if (element === '.' || !isRecord(child)) return [];
  return [[element, Object.keys(child).length === 0 ? ownSet : fromFieldsV1(child)]];
}

/** A path as error messages show it: `.spec.containers[name="web"].image`. */
export function formatFieldPath(path: readonly string[]): string {
  return path.map(formatElement).join('');
}

function formatElement(element: string): string {
  const text = element.slice(2);
  if (element.startsWith('f:')) return `.${text}`;
  if (element.startsWith('v:')) return `[=${text}]`;
  if (element.startsWith('i:')) return `[${text}]`;
  const keys = Object.entries(JSON.parse(text) as Record<string, unknown>);
  return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
}
