// Server-side printing: the columns of a kind's table and the cells of one object, as `kubectl get` shows them.
import type { KubernetesObject } from '../../meta/object-meta.ts';

/** A column of a table; columns of priority 0 are shown without `-o wide`. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format: string;
  readonly priority: number;
}

/** The columns of a kind and how to fill them. */
export interface Printer<T extends KubernetesObject = KubernetesObject> {
  readonly columns: readonly PrinterColumn[];
  row(object: T, nowMs: number): (string | number | boolean)[];
}

/** A text column; `wide` ones show with `-o wide` only. */
export function column(name: string, options: { wide?: boolean; type?: PrinterColumn['type'] } = {}): PrinterColumn {
  return {
    name,
    type: options.type ?? 'string',
    format: name === 'Name' ? 'name' : '',
    priority: options.wide ? 1 : 0,
  };
}

/** The table of kinds that have no columns of their own. */
export const plainPrinter: Printer = {
  columns: [column('Name'), column('Created At', { type: 'date' })],
  row: (object) => [object.metadata.name, object.metadata.creationTimestamp],
};
