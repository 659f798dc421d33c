// The server's Table answers (meta.k8s.io/v1) as rows of the console. Cells of other clusters are not trusted to be
// of the type their column names; long ones are cut, as a table shows one line.
import { z } from 'zod';
import type { TableCell, TableColumnView, TableRowView } from '../../../api/console/index.ts';
import { timeOf } from '../projections/read.ts';

export const tableAccept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

const metadata = z.object({
  uid: z.string(),
  name: z.string(),
  namespace: z.string().optional(),
  creationTimestamp: z.string().nullish(),
  deletionTimestamp: z.string().nullish(),
  resourceVersion: z.string().optional(),
});
const definition = z.object({
  name: z.string(),
  type: z.string(),
  format: z.string().nullish(),
  description: z.string().nullish(),
  priority: z.number().nullish(),
});

export const tableSchema = z.object({
  kind: z.literal('Table'),
  metadata: z.object({ resourceVersion: z.string().optional(), continue: z.string().optional() }).default({}),
  columnDefinitions: z.array(definition).nullish(),
  rows: z
    .array(z.object({ cells: z.array(z.unknown()), object: z.object({ metadata }) }))
    .nullish()
    .transform((rows) => rows ?? []),
});

export type ServerTable = z.infer<typeof tableSchema>;

const longestCell = 500;

function cellOf(value: unknown): TableCell {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > longestCell ? `${text.slice(0, longestCell)}…` : text;
}

/** The columns; ages are shown from creation times, so that they go on while nothing changes. */
export function columnsOf(table: ServerTable): TableColumnView[] {
  return (table.columnDefinitions ?? []).map(({ name, type, priority, description }) => ({
    name,
    type: name === 'Age' ? 'age' : type === 'integer' || type === 'number' ? 'number' : 'text',
    wide: (priority ?? 0) > 0,
    description: description ?? '',
  }));
}

/** The rows in the server's order. */
export function rowsOf(table: ServerTable): TableRowView[] {
  return table.rows.map(({ cells, object: { metadata: about } }) => ({
    uid: about.uid,
    namespace: about.namespace || undefined,
    name: about.name,
    cells: cells.map(cellOf),
    createdAt: timeOf(about.creationTimestamp) ?? 0,
    deleting: Boolean(about.deletionTimestamp),
  }));
}
