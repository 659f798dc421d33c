// The managers of an object: who owns which fields, read from and written to `metadata.managedFields`.
import type { ManagedFieldsEntry } from '../../meta/object-meta.ts';
import { fromFieldsV1, isEmptySet, toFieldsV1, union, type FieldSet } from './field-set.ts';

/** One owner of fields. */
export interface Manager {
  readonly name: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string;
  readonly time: string | undefined;
  readonly fields: FieldSet;
}

/** So many managers that only updated may be remembered by name; older ones become one. */
const maxUpdateManagers = 10;
const ancientName = 'ancient-changes';

/** Whether two are the same owner, whatever they own. */
export function isSameManager(a: Omit<Manager, 'fields' | 'time'>, b: Omit<Manager, 'fields' | 'time'>): boolean {
  const versioned = a.operation === 'Apply' || a.apiVersion === b.apiVersion;
  return a.name === b.name && a.operation === b.operation && a.subresource === b.subresource && versioned;
}

/** Reads the managers of an object. */
export function readManagers(entries: readonly ManagedFieldsEntry[] | undefined): Manager[] {
  return (entries ?? []).map((entry) => ({
    name: entry.manager ?? '',
    operation: entry.operation ?? 'Update',
    apiVersion: entry.apiVersion ?? '',
    subresource: entry.subresource ?? '',
    time: entry.time,
    fields: fromFieldsV1(entry.fieldsV1),
  }));
}

/** Writes managers down: appliers first, then by time; those that own nothing are forgotten. */
export function writeManagers(managers: readonly Manager[]): ManagedFieldsEntry[] {
  const owning = joinAncient(managers.filter(({ fields }) => !isEmptySet(fields)));
  const rank = ({ operation, time = '', name }: Manager): string => `${operation}\n${time}\n${name}`;
  return owning
    .sort((a, b) => (rank(a) < rank(b) ? -1 : 1))
    .map(({ name, operation, apiVersion, subresource, time, fields }) => ({
      manager: name,
      operation,
      apiVersion,
      ...(time === undefined ? {} : { time }),
      fieldsType: 'FieldsV1',
      fieldsV1: toFieldsV1(fields),
      ...(subresource === '' ? {} : { subresource }),
    }));
}

function joinAncient(managers: readonly Manager[]): Manager[] {
  const updaters = managers.filter(({ operation }) => operation === 'Update');
  const surplus = updaters.length - maxUpdateManagers;
  if (surplus <= 0) return [...managers];
  const oldest = [...updaters].sort((a, b) => ((a.time ?? '') < (b.time ?? '') ? -1 : 1)).slice(0, surplus + 1);
  const byVersion = new Map<string, Manager>();
  for (const manager of oldest) {
    const known = byVersion.get(manager.apiVersion);
    const fields = known === undefined ? manager.fields : union(known.fields, manager.fields);
    byVersion.set(manager.apiVersion, { ...manager, name: ancientName, subresource: '', fields });
  }
  return [...managers.filter((manager) => !oldest.includes(manager)), ...byVersion.values()];
}

/** How an error names a manager. */
export function formatManager({ name, operation, apiVersion, subresource, time }: Manager): string {
  const who = `${JSON.stringify(name)}${subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`}`;
  if (operation === 'Apply') return who;
  return `${who} using ${apiVersion}${time === undefined ? '' : ` at ${time}`}`;
}
