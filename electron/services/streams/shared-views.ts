// Ordered views that several windows stand on: whoever scrolls asks for window after window of the same order, and that
// is sorted once. Guarantees: a view lives for as long as somebody stands on it, and `lingerMs` longer.
import type { Cancel, Clock } from '../../../machinery/clock.ts';
import type { Unsubscribe } from '../contract.ts';
import { createOrderedView, type Order, type OrderedView, type ViewSource } from './ordered-view.ts';

const lingerMs = 20_000;

interface Shared {
  readonly view: OrderedView<{ readonly uid: string }>;
  readonly listeners: Set<() => void>;
  readonly close: () => void;
  ending: Cancel | undefined;
}

const byTable = new WeakMap<object, Map<string, Shared>>();

/** The view of a table that `key` names, made when nobody stands on it yet. `onChange` hears of every change. */
export function standOnView<Row extends { readonly uid: string }>(
  clock: Clock,
  table: ViewSource<Row>,
  key: string,
  order: () => Order<Row>,
  onChange: () => void,
): { readonly view: OrderedView<Row>; leave: Unsubscribe } {
  const views = byTable.get(table) ?? new Map<string, Shared>();
  byTable.set(table, views);
  const make = (): Shared => {
    const listeners = new Set<() => void>();
    const made = createOrderedView(table, order(), () => {
      for (const listener of listeners) listener();
    });
    return { ...made, listeners, ending: undefined };
  };
  const shared = views.get(key) ?? make();
  views.set(key, shared);
  shared.ending?.();
  shared.ending = undefined;
  shared.listeners.add(onChange);
  return {
    view: shared.view as unknown as OrderedView<Row>,
    leave() {
      if (!shared.listeners.delete(onChange) || shared.listeners.size > 0) return;
      shared.ending = clock.setTimeout(() => {
        views.delete(key);
        shared.close();
      }, lingerMs);
    },
  };
}
