// Server-side printing: the columns of a kind's table and the cells of one object, as `kubectl get` shows them.
// A printer is a list of cells, each a column with the way to fill it.
import type { KubernetesObject } from '../../meta/object-meta.ts';
import { formatAge, parseTime } from '../../meta/time.ts';

/** A column of a table; columns of priority 0 are shown without `-o wide`. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format: string;
  readonly priority: number;
}

export type CellValue = string | number | boolean;

/** The columns of a kind and how to fill them. */
export interface Printer<T extends KubernetesObject = KubernetesObject> {
  readonly columns: readonly PrinterColumn[];
  row(object: T, nowMs: number): CellValue[];
}

/** One column and how to fill it. */
export interface Cell<T extends KubernetesObject> {
  readonly column: PrinterColumn;
  fill(object: T, nowMs: number): CellValue;
}

/** Makes a printer of cells. */
export function printer<T extends KubernetesObject>(...cells: readonly Cell<T>[]): Printer<T> {
  return {
    columns: cells.map(({ column }) => column),
    row: (object, nowMs) => cells.map(({ fill }) => fill(object, nowMs)),
  };
}

/** A text column. */
export function text<T extends KubernetesObject>(name: string, fill: Cell<T>['fill']): Cell<T> {
  return { column: { name, type: 'string', format: '', priority: 0 }, fill };
}

/** A text column that clients take for the object's name. */
export function nameLike<T extends KubernetesObject>(title: string, fill: Cell<T>['fill']): Cell<T> {
  return { column: { name: title, type: 'string', format: 'name', priority: 0 }, fill };
}

/** A column of another type. */
export function typed<T extends KubernetesObject>(
  type: PrinterColumn['type'],
  name: string,
  fill: Cell<T>['fill'],
): Cell<T> {
  return { column: { name, type, format: '', priority: 0 }, fill };
}

/** The same column, shown with `-o wide` only. */
export function wide<T extends KubernetesObject>({ column, fill }: Cell<T>): Cell<T> {
  return { column: { ...column, priority: 1 }, fill };
}

/** The column of names. */
export const name: Cell<KubernetesObject> = nameLike('Name', (object) => object.metadata.name);

/** The column of ages. */
export const age: Cell<KubernetesObject> = text('Age', (object, nowMs) =>
  since(object.metadata.creationTimestamp, nowMs),
);

/** How long ago a time was. */
export function since(time: string | undefined, nowMs: number): string {
  const ms = time === undefined ? undefined : parseTime(time);
  return ms === undefined ? '<unknown>' : formatAge(nowMs - ms);
}

/** Text, or `<none>` where there is none. */
export function orNone(value: string | undefined): string {
  return value ? value : '<none>';
}

/** Labels as `a=b,c=d` in order of keys. */
export function formatLabels(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return orNone(pairs.sort().join(','));
}

/** The first few of a list, and how many more there are. */
export function shorten(items: readonly string[], max: number): string {
  const shown = items.slice(0, max).join(',');
  return orNone(items.length > max ? `${shown} + ${items.length - max} more...` : shown);
}

/** The table of kinds that have no columns of their own. */
export const plainPrinter: Printer = printer(
  name,
  typed('date', 'Created At', (object) => object.metadata.creationTimestamp),
);
