// Rows of one kind in one cluster, and whoever follows them.
// Guarantees: a subscriber first gets a snapshot (once the table is ready; what is long follows as changes), then changes that are exact against what
// it has seen, at most one per `flushMs`, the first at once. Rows that leave a subscriber's filter are removals; a row
// that is put again as it was is no change.
import type { ConsoleError, RowsChange } from '../../../api/console/index.ts';
import { sameJson } from '../../../api/schema/json-value.ts';
import type { Cancel, Clock } from '../../../machinery/clock.ts';
import type { Unsubscribe } from '../contract.ts';

export interface RowTable<Row extends { readonly uid: string }> {
  get(uid: string): Row | undefined;
  values(): IterableIterator<Row>;
  readonly size: number;
  put(row: Row): void;
  remove(uid: string): void;
  /** The first list is in: subscribers get their snapshot. */
  markReady(): void;
  /** The first list was refused: subscribers are told, until it is granted after all. */
  refuse(error: ConsoleError): void;
  subscribe(
    filter: (row: Row) => boolean,
    onChange: (change: RowsChange<Row>) => void,
    onRefused?: (error: ConsoleError) => void,
  ): Unsubscribe;
  /** Calls back (coalesced like rows) whenever anything changed. */
  onDidChange(listener: () => void): Unsubscribe;
}

/** Rows of one message: a longer snapshot comes in parts, so that no window has to take in all of it at once. */
const snapshotPart = 2000;

interface Subscriber<Row extends { readonly uid: string }> {
  readonly filter: (row: Row) => boolean;
  readonly onChange: (change: RowsChange<Row>) => void;
  readonly onRefused: ((error: ConsoleError) => void) | undefined;
  /** Undefined until the snapshot has been sent. */
  shown: Set<string> | undefined;
}

/** An empty table. */
export function createRowTable<Row extends { readonly uid: string }>(clock: Clock, flushMs = 100): RowTable<Row> {
  const rows = new Map<string, Row>();
  const subscribers = new Set<Subscriber<Row>>();
  const listeners = new Set<() => void>();
  let dirty = new Set<string>();
  let ready = false;
  let refusal: ConsoleError | undefined;
  let scheduled: Cancel | undefined;
  let quietUntilMs = 0;

  const sendSnapshot = (subscriber: Subscriber<Row>): void => {
    const visible = [...rows.values()].filter(subscriber.filter);
    subscriber.shown = new Set(visible.map(({ uid }) => uid));
    subscriber.onChange({ kind: 'snapshot', rows: visible.slice(0, snapshotPart) });
    for (let from = snapshotPart; from < visible.length; from += snapshotPart)
      subscriber.onChange({ kind: 'changes', upserted: visible.slice(from, from + snapshotPart), removed: [] });
  };
  const sendChanges = (subscriber: Subscriber<Row>, uids: ReadonlySet<string>): void => {
    const shown = subscriber.shown;
    if (shown === undefined) return sendSnapshot(subscriber);
    const upserted: Row[] = [];
    const removed: string[] = [];
    for (const uid of uids) {
      const row = rows.get(uid);
      if (row !== undefined && subscriber.filter(row)) {
        shown.add(uid);
        upserted.push(row);
      } else if (shown.delete(uid)) removed.push(uid);
    }
    if (upserted.length > 0 || removed.length > 0) subscriber.onChange({ kind: 'changes', upserted, removed });
  };
  const flush = (): void => {
    scheduled = undefined;
    quietUntilMs = clock.now() + flushMs;
    const uids = dirty;
    dirty = new Set();
    for (const subscriber of subscribers) sendChanges(subscriber, uids);
    for (const listener of listeners) listener();
  };
  const schedule = (): void => {
    if (!ready || scheduled !== undefined || (subscribers.size === 0 && listeners.size === 0)) return;
    scheduled = clock.setTimeout(flush, Math.max(0, quietUntilMs - clock.now()));
  };
  const touch = (uid: string): void => {
    if (subscribers.size > 0) dirty.add(uid);
    schedule();
  };

  return {
    get: (uid) => rows.get(uid),
    values: () => rows.values(),
    get size() {
      return rows.size;
    },
    put(row) {
      const known = rows.get(row.uid);
      // Most of what changes in a cluster (heartbeats, conditions' times) is on no screen.
      if (known !== undefined && sameJson(known, row)) return;
      rows.set(row.uid, row);
      touch(row.uid);
    },
    remove(uid) {
      if (rows.delete(uid)) touch(uid);
    },
    markReady() {
      if (ready) return;
      ready = true;
      dirty.clear();
      flush();
    },
    refuse(error) {
      if (ready) return;
      refusal = error;
      for (const { onRefused } of subscribers) onRefused?.(error);
    },
    subscribe(filter, onChange, onRefused) {
      const subscriber: Subscriber<Row> = { filter, onChange, onRefused, shown: undefined };
      subscribers.add(subscriber);
      if (ready) sendSnapshot(subscriber);
      else if (refusal !== undefined) onRefused?.(refusal);
      return () => void subscribers.delete(subscriber);
    },
    onDidChange(listener) {
      listeners.add(listener);
      if (ready) schedule();
      return () => void listeners.delete(listener);
    },
  };
}
