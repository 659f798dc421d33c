// Server-side apply and the ownership that it rests on, as pure functions over objects of one schema.
// https://kubernetes.io/docs/reference/using-api/server-side-apply/
import type { KubernetesObject, ObjectMeta } from '../../meta/object-meta.ts';
import { badRequest } from '../../meta/status.ts';
import type { Schema } from '../schema.ts';
import { compareValues, fieldsOf, isUnchanged, type Comparison } from './compare.ts';
import { applyConflict, type FieldConflict } from './conflicts.ts';
import {
  difference,
  emptySet,
  intersection,
  isEmptySet,
  ownSet,
  recursiveDifference,
  setOfChildren,
  union,
  type FieldSet,
} from './field-set.ts';
import { isSameManager, readManagers, writeManagers, type Manager } from './managers.ts';
import { mergeValues, pruneValue } from './merge-values.ts';

/** Who writes, through which version and subresource, and when. */
export interface Writer {
  readonly manager: string;
  readonly apiVersion: string;
  /** Empty for the object itself. */
  readonly subresource?: string;
  /** RFC 3339. */
  readonly time: string;
}

export interface ApplyOptions extends Writer {
  /** Take over fields that others own. */
  readonly force: boolean;
  /** Whether the kind's status can only be written through its own subresource. */
  readonly ownStatus?: boolean;
}

/** A draft, as a client applies it. */
type Applied = { readonly metadata?: Partial<ObjectMeta> };

/**
 * The object after an apply, with its new managedFields; `live` is undefined when it does not exist yet.
 * Throws an ApiError: Conflict when fields of others would change without force, BadRequest when the draft says who manages it.
 */
export function applyServerSide<T extends KubernetesObject>(
  schema: Schema | undefined,
  live: T | undefined,
  applied: Applied,
  options: ApplyOptions,
): T {
  if ((applied.metadata?.managedFields ?? []).length > 0) throw badRequest('metadata.managedFields must be nil');
  const ignored = ignoredBy(options);
  const me: Manager = {
    ...identityOf(options, 'Apply'),
    fields: recursiveDifference(fieldsOf(schema, applied), ignored),
  };
  const known = knownManagers(schema, live, ignored);
  const last = known.find((manager) => isSameManager(manager, me));
  const others = known.filter((manager) => manager !== last);
  const before = withoutManagers(live);
  const merged = mergeValues(schema, before, applied);
  const kept = others.reduce((set, { fields }) => union(set, fields), me.fields);
  const pruned = last === undefined ? merged : pruneValue(schema, merged, { last: last.fields, kept });
  const comparison = compareValues(schema, before ?? {}, pruned);
  const managers = yieldFields(others, comparison, options.force);
  const unchanged =
    live !== undefined && isUnchanged(comparison) && last !== undefined && isSameSet(last.fields, me.fields);
  return withManagers(pruned as T, [...managers, unchanged ? { ...me, time: last?.time } : me]);
}

/** Notes in managedFields who changed what, for writes that are not applies. `previous` is undefined on create. */
export function trackUpdate<T extends KubernetesObject>(
  schema: Schema | undefined,
  previous: T | undefined,
  next: T,
  options: Writer & Pick<ApplyOptions, 'ownStatus'>,
): T {
  const ignored = ignoredBy(options);
  const known = readManagers((next.metadata.managedFields ?? previous?.metadata.managedFields) as never);
  const me = identityOf(options, 'Update');
  const comparison = compareValues(schema, withoutManagers(previous) ?? {}, withoutManagers(next));
  const last = known.find((manager) => isSameManager(manager, me));
  const others = yieldFields(
    known.filter((manager) => manager !== last),
    comparison,
    true,
  );
  const changed = recursiveDifference(union(comparison.added, comparison.modified), ignored);
  const mine = union(difference(last?.fields ?? emptySet, comparison.removed), changed);
  const time = isEmptySet(changed) && last !== undefined ? last.time : me.time;
  return withManagers(next, [...others, { ...me, time, fields: mine }]);
}

function identityOf(
  { manager, apiVersion, subresource = '', time }: Writer,
  operation: 'Apply' | 'Update',
): Omit<Manager, 'fields'> {
  return { name: manager, operation, apiVersion, subresource, time };
}

/** Whoever wrote before anybody kept track counts as one manager, so that a first apply conflicts where it differs. */
function knownManagers(schema: Schema | undefined, live: KubernetesObject | undefined, ignored: FieldSet): Manager[] {
  if (live === undefined) return [];
  const known = readManagers(live.metadata.managedFields);
  if (known.length > 0) return known;
  const fields = recursiveDifference(fieldsOf(schema, live), union(ignored, statusSet));
  const { creationTimestamp: time } = live.metadata;
  const identity = { manager: 'before-first-apply', apiVersion: live.apiVersion, time };
  return [{ ...identityOf(identity, 'Update'), fields }];
}

/** The others' fields after a change: what changed or went is no longer theirs; without force a change is a conflict. */
function yieldFields(others: readonly Manager[], comparison: Comparison, force: boolean): Manager[] {
  const changed = union(comparison.modified, comparison.added);
  const conflicts: FieldConflict[] = others
    .map((manager) => ({ manager, fields: intersection(manager.fields, changed) }))
    .filter(({ fields }) => !isEmptySet(fields));
  if (!force && conflicts.length > 0) throw applyConflict(conflicts);
  return others.map((manager) => ({
    ...manager,
    fields: difference(difference(manager.fields, changed), comparison.removed),
  }));
}

const field = (name: string, set: FieldSet = ownSet): FieldSet => setOfChildren([[`f:${name}`, set]]);

const statusSet = field('status');

const serverFields = [
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'generation',
  'managedFields',
  'resourceVersion',
];

/** Fields that nobody owns: what the server decides. */
const stripped = [
  field('apiVersion'),
  field('kind'),
  ...serverFields.map((name) => field('metadata', field(name))),
].reduce(union);

/** Fields that this write cannot touch. */
function ignoredBy({ subresource = '', ownStatus = false }: Pick<ApplyOptions, 'ownStatus' | 'subresource'>): FieldSet {
  if (subresource === 'status') return union(stripped, union(field('spec'), field('metadata')));
  return ownStatus ? union(stripped, statusSet) : stripped;
}

function withoutManagers<T extends KubernetesObject>(object: T | undefined): T | undefined {
  if (object === undefined) return undefined;
  const { managedFields: _managedFields, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function withManagers<T extends KubernetesObject>(object: T, managers: readonly Manager[]): T {
  return { ...object, metadata: { ...object.metadata, managedFields: writeManagers(managers) } };
}

function isSameSet(a: FieldSet, b: FieldSet): boolean {
  return isEmptySet(difference(a, b)) && isEmptySet(difference(b, a));
}
