// One page out of a whole table: filtered by words, sorted by a column, cut to the window. Pure, and quick enough for
// tens of thousands of rows: what a row sorts and is found by is computed once for as long as the row stays the same.
import { sortKey, type TablePage, type TableRowView, type TableWindow } from '../../../api/console/index.ts';
import type { TableColumnView } from '../../../api/console/index.ts';

const haystacks = new WeakMap<TableRowView, string>();
const keys = new WeakMap<TableRowView, Map<number, string | number>>();

function haystackOf(row: TableRowView): string {
  const known = haystacks.get(row);
  if (known !== undefined) return known;
  const text = `${row.namespace ?? ''} ${row.name} ${row.cells.join(' ')}`.toLowerCase();
  haystacks.set(row, text);
  return text;
}

function keyOf(row: TableRowView, column: number, type: TableColumnView['type'] | undefined): string | number {
  if (type === 'age') return -row.createdAt;
  const own = keys.get(row) ?? new Map<number, string | number>();
  keys.set(row, own);
  const known = own.get(column);
  if (known !== undefined) return known;
  const cell = row.cells[column];
  const key = typeof cell === 'number' ? cell : sortKey(String(cell ?? ''));
  own.set(column, key);
  return key;
}

/** The rows whose text holds every word. */
export function searchRows(rows: readonly TableRowView[], search: string | undefined): readonly TableRowView[] {
  const words = (search ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter((row) => words.every((word) => haystackOf(row).includes(word)));
}

/** The page that a window shows; an offset behind the end shows the last page. */
export function pageOf(
  columns: readonly TableColumnView[],
  rows: readonly TableRowView[],
  { offset, limit, search, sort }: TableWindow,
): TablePage {
  const matching = searchRows(rows, search);
  const column = sort?.column ?? 0;
  const type = columns[column]?.type;
  const sign = sort?.descending ? -1 : 1;
  const ordered = matching
    .map((row) => ({ row, key: keyOf(row, column, type) }))
    .sort((left, right) =>
      left.key < right.key ? -sign : left.key > right.key ? sign : left.row.uid < right.row.uid ? -1 : 1,
    );
  const lastPage = Math.max(0, Math.floor((ordered.length - 1) / limit) * limit);
  const start = Math.min(offset, lastPage);
  return {
    columns,
    rows: ordered.slice(start, start + limit).map(({ row }) => row),
    offset: start,
    matching: ordered.length,
    total: rows.length,
  };
}
