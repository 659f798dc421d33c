// Sorting of table rows: stable, by the column's own value; text in the reader's alphabet, digits as numbers.
import { sortKey } from '../../api/console/index.ts';

export interface SortState {
  readonly column: string;
  readonly descending: boolean;
}

export interface TableColumn<Row> {
  readonly id: string;
  readonly label: string;
  /** A CSS grid track: `2fr`, `96px`, `minmax(160px, 1fr)`. */
  readonly width: string;
  readonly align?: 'start' | 'end';
  /** Left out while the table is narrower than this; what it says stands on the row's own page too. */
  readonly fromWidth?: number;
  /** What the column sorts by; a column without it cannot be sorted. */
  readonly sortBy?: (row: Row) => string | number;
}

export { sortKey };

/** Keys of rows by what they are sorted by, kept for as long as a row is: a row that changes is a new object. */
const keysBySorting = new WeakMap<object, WeakMap<object, string>>();

function keyOf<Row extends object>(row: Row, sortBy: (row: Row) => string | number): string | number {
  const keys = keysBySorting.get(sortBy) ?? new WeakMap<object, string>();
  keysBySorting.set(sortBy, keys);
  const known = keys.get(row);
  if (known !== undefined) return known;
  const value = sortBy(row);
  if (typeof value === 'number') return value;
  const key = sortKey(value);
  keys.set(row, key);
  return key;
}

/** The rows in the order that `sort` asks for; the given array is left as it is. */
export function sortRows<Row extends object>(
  rows: readonly Row[],
  columns: readonly TableColumn<Row>[],
  sort: SortState | undefined,
): readonly Row[] {
  const sortBy = columns.find(({ id }) => id === sort?.column)?.sortBy;
  if (sort === undefined || sortBy === undefined) return rows;
  const sign = sort.descending ? -1 : 1;
  return rows
    .map((row) => ({ row, key: keyOf(row, sortBy) }))
    .sort((left, right) => (left.key < right.key ? -sign : left.key > right.key ? sign : 0))
    .map(({ row }) => row);
}

/** What a click on a column's head asks for: ascending, then descending. */
export function nextSort(sort: SortState | undefined, column: string): SortState {
  return { column, descending: sort?.column === column && !sort.descending };
}
