// The rows of a table that pass a search, in order, kept so as rows change: what windows into long lists are cut from.
// Guarantees: after every change of the table the order is complete and exact; a change of k rows costs one pass and
// no new sorting of the others.
import type { RowsChange } from '../../../api/console/index.ts';
import type { Unsubscribe } from '../contract.ts';

interface Keyed {
  readonly uid: string;
}

export interface Order<Row extends Keyed> {
  /** Rows that are counted. */
  within(row: Row): boolean;
  /** Of these, the rows that are shown. */
  matches(row: Row): boolean;
  /** What rows are sorted by; equal keys stand by name of the row (`tieOf`) and then uid. */
  keyOf(row: Row): string | number;
  tieOf(row: Row): string;
  readonly descending: boolean;
  /** The group in which a row is counted. */
  groupOf(row: Row): string;
}

export interface OrderedView<Row extends Keyed> {
  /** Undefined until the table is ready. */
  readonly rows: readonly Row[] | undefined;
  readonly counts: ReadonlyMap<string, number>;
  /** Every row within, shown or not. */
  readonly total: number;
}

interface Entry<Row> {
  readonly key: string | number;
  readonly row: Row;
}

/** The part of a `RowTable` that a view stands on. */
export interface ViewSource<Row extends Keyed> {
  subscribe(filter: (row: Row) => boolean, onChange: (change: RowsChange<Row>) => void): Unsubscribe;
}

/** Entries in order without those that are gone, with those that come; both are sorted already. */
function merge<Row extends Keyed>(
  entries: readonly Entry<Row>[],
  gone: ReadonlySet<string>,
  coming: readonly Entry<Row>[],
  compare: (left: Entry<Row>, right: Entry<Row>) => number,
): Entry<Row>[] {
  const merged: Entry<Row>[] = [];
  let next = 0;
  for (const entry of entries) {
    if (gone.has(entry.row.uid)) continue;
    for (let one = coming[next]; one !== undefined && compare(one, entry) < 0; one = coming[++next]) merged.push(one);
    merged.push(entry);
  }
  for (; next < coming.length; next++) merged.push(coming[next]!);
  return merged;
}

/** Follows the table in this order until it is closed. `onChange` is called after every change. */
export function createOrderedView<Row extends Keyed>(
  source: ViewSource<Row>,
  order: Order<Row>,
  onChange: () => void,
): { readonly view: OrderedView<Row>; close(): void } {
  const sign = order.descending ? -1 : 1;
  const compare = (left: Entry<Row>, right: Entry<Row>): number => {
    if (left.key !== right.key) return left.key < right.key ? -sign : sign;
    const [one, other] = [order.tieOf(left.row), order.tieOf(right.row)];
    if (one !== other) return one < other ? -1 : 1;
    return left.row.uid < right.row.uid ? -1 : left.row.uid > right.row.uid ? 1 : 0;
  };
  let entries: Entry<Row>[] | undefined;
  let rows: readonly Row[] | undefined;
  const groups = new Map<string, string>();
  const counts = new Map<string, number>();
  const count = (group: string, by: 1 | -1): void => void counts.set(group, (counts.get(group) ?? 0) + by);
  const forget = (uid: string): void => {
    const group = groups.get(uid);
    if (group !== undefined) count(group, -1);
    groups.delete(uid);
  };
  const know = (row: Row): void => {
    forget(row.uid);
    const group = order.groupOf(row);
    groups.set(row.uid, group);
    count(group, 1);
  };
  const sorted = (found: readonly Row[]): Entry<Row>[] =>
    found
      .filter(order.matches)
      .map((row) => ({ key: order.keyOf(row), row }))
      .sort(compare);

  const stop = source.subscribe(order.within, (change) => {
    if (change.kind === 'snapshot') {
      groups.clear();
      counts.clear();
      for (const row of change.rows) know(row);
      entries = sorted(change.rows);
    } else {
      for (const uid of change.removed) forget(uid);
      for (const row of change.upserted) know(row);
      const gone = new Set([...change.removed, ...change.upserted.map(({ uid }) => uid)]);
      entries = merge(entries ?? [], gone, sorted(change.upserted), compare);
    }
    rows = undefined;
    onChange();
  });
  return {
    view: {
      get rows() {
        return (rows ??= entries?.map(({ row }) => row));
      },
      get counts() {
        return counts;
      },
      get total() {
        return groups.size;
      },
    },
    close: stop,
  };
}
