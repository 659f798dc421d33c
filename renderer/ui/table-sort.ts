// Sorting of table rows: stable, by the column's own value; text in the reader's alphabet, digits as numbers.

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

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

function compare(left: string | number, right: string | number): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  return collator.compare(String(left), String(right));
}

/** The rows in the order that `sort` asks for; the given array is left as it is. */
export function sortRows<Row>(
  rows: readonly Row[],
  columns: readonly TableColumn<Row>[],
  sort: SortState | undefined,
): readonly Row[] {
  const sortBy = columns.find((column) => column.id === sort?.column)?.sortBy;
  if (sort === undefined || sortBy === undefined) return rows;
  const sign = sort.descending ? -1 : 1;
  return rows
    .map((row) => ({ row, value: sortBy(row) }))
    .sort((left, right) => sign * compare(left.value, right.value))
    .map(({ row }) => row);
}

/** What a click on a column's head asks for: ascending, then descending. */
export function nextSort(sort: SortState | undefined, column: string): SortState {
  return { column, descending: sort?.column === column && !sort.descending };
}
