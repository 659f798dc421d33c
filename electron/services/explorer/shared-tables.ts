// Tables of one cluster, shared by whoever looks at the same one, and kept a little after the last look: turning a page
// or sorting asks again for the same table, which must not be listed anew.
import type { Clock } from '../../../machinery/clock.ts';
import type { RestClient } from '../../../machinery/rest-client.ts';
import type { Unsubscribe } from '../contract.ts';
import { followTable, type TableFollower, type TableQuery } from './table-follower.ts';

const lingerMs = 30_000;

interface Shared {
  readonly table: TableFollower;
  readonly listeners: Set<() => void>;
  readonly ending: AbortController;
  stopLinger: (() => void) | undefined;
}

const byClient = new WeakMap<RestClient, Map<string, Shared>>();

/** Joins the table; `onChange` comes after every change until the returned function is called. */
export function joinTable(
  client: RestClient,
  query: TableQuery,
  clock: Clock,
  closed: AbortSignal,
  onChange: () => void,
): { table: TableFollower; leave: Unsubscribe } {
  const tables = byClient.get(client) ?? new Map<string, Shared>();
  byClient.set(client, tables);
  const { resource, namespace, labelSelector } = query;
  const key = JSON.stringify([resource.group, resource.version, resource.plural, namespace, labelSelector]);
  let shared = tables.get(key);
  if (shared === undefined) {
    const listeners = new Set<() => void>();
    const ending = new AbortController();
    const signal = AbortSignal.any([ending.signal, closed]);
    const tell = (): void => {
      for (const listener of [...listeners]) listener();
    };
    shared = { table: followTable(client, query, clock, signal, tell), listeners, ending, stopLinger: undefined };
    tables.set(key, shared);
  }
  const own = shared;
  own.stopLinger?.();
  own.stopLinger = undefined;
  own.listeners.add(onChange);
  return {
    table: own.table,
    leave() {
      if (!own.listeners.delete(onChange) || own.listeners.size > 0) return;
      own.stopLinger = clock.setTimeout(() => {
        own.ending.abort();
        tables.delete(key);
      }, lingerMs);
    },
  };
}
