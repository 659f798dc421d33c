// A kind's whole table in one cluster, kept current by list and watch, both in the server's Table form.
// Guarantees: rows are complete before `ready`; a watch that ends is resumed, an expired one starts over with a list;
// a refusal (403, 404) is told as `error` and asked again slowly, so that a granted permission shows by itself.
import type { ConsoleError, TableColumnView, TableRowView } from '../../../api/console/index.ts';
import { ApiError, isApiError, type Status } from '../../../api/meta/status.ts';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import type { Clock } from '../../../machinery/clock.ts';
import type { ResourceRef, RestClient } from '../../../machinery/rest-client.ts';
import { ServiceError, toConsoleError } from '../errors.ts';
import { columnsOf, rowsOf, tableAccept, tableSchema, type ServerTable } from './table-rows.ts';

export interface TableQuery {
  readonly resource: ResourceRef<KubernetesObject>;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly watchable: boolean;
}

export interface TableFollower {
  readonly columns: readonly TableColumnView[];
  rows(): readonly TableRowView[];
  readonly ready: boolean;
  readonly error: ConsoleError | undefined;
}

const pageSize = 500;
const retryMs = 2000;
const refusedRetryMs = 15_000;
const pollMs = 10_000;
const watchSeconds = 300;

/** The collection's path; without a namespace, all of them. */
export function collectionPath({ group, version, plural, namespaced }: ResourceRef, namespace?: string): string {
  const base = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  return namespaced && namespace !== undefined
    ? `${base}/namespaces/${encodeURIComponent(namespace)}/${plural}`
    : `${base}/${plural}`;
}

async function readTable(
  client: RestClient,
  path: string,
  query: Record<string, string | number | undefined>,
  signal: AbortSignal,
): Promise<ServerTable> {
  const response = await client.request({ method: 'GET', path, query, headers: { accept: tableAccept }, signal });
  const text = await response.text();
  if (response.status !== 200) {
    throw text.startsWith('{') ? new ApiError(JSON.parse(text) as Status) : new ServiceError('Internal', text);
  }
  const table = tableSchema.safeParse(JSON.parse(text));
  if (!table.success) throw new ServiceError('NotSupported', 'This cluster does not print tables of this kind.');
  return table.data;
}

/** One object's own row, or nothing when it is gone. */
export async function readRow(
  client: RestClient,
  resource: ResourceRef,
  namespace: string | undefined,
  name: string,
  signal: AbortSignal,
): Promise<{ columns: readonly TableColumnView[]; row: TableRowView } | undefined> {
  const path = `${collectionPath(resource, namespace)}/${encodeURIComponent(name)}`;
  const table = await readTable(client, path, {}, signal);
  const [row] = rowsOf(table);
  return row && { columns: columnsOf(table), row };
}

/** Follows until the signal aborts; `onChange` after anything changed. Never rejects. */
export function followTable(
  client: RestClient,
  { resource, namespace, labelSelector, watchable }: TableQuery,
  clock: Clock,
  signal: AbortSignal,
  onChange: () => void,
): TableFollower {
  const path = collectionPath(resource, namespace);
  const state: { columns: readonly TableColumnView[]; ready: boolean; error: ConsoleError | undefined } = {
    columns: [],
    ready: false,
    error: undefined,
  };
  let rows = new Map<string, TableRowView>();
  let list: readonly TableRowView[] | undefined;

  const listAll = async (): Promise<string> => {
    const found = new Map<string, TableRowView>();
    let next: string | undefined;
    let revision = '';
    do {
      const table = await readTable(client, path, { limit: pageSize, continue: next, labelSelector }, signal);
      if (table.columnDefinitions?.length) state.columns = columnsOf(table);
      for (const row of rowsOf(table)) found.set(row.uid, row);
      revision = table.metadata.resourceVersion ?? '';
      next = table.metadata.continue || undefined;
    } while (next !== undefined);
    rows = found;
    changed();
    return revision;
  };
  const changed = (): void => {
    list = undefined;
    state.ready = true;
    state.error = undefined;
    onChange();
  };
  const onEvent = (line: string): string | undefined => {
    const event = JSON.parse(line) as { type: string; object: unknown };
    if (event.type === 'ERROR') throw new ApiError(event.object as Status);
    const table = tableSchema.safeParse(event.object);
    if (!table.success) return (event.object as KubernetesObject).metadata.resourceVersion; // a bookmark
    if (event.type !== 'BOOKMARK') {
      for (const row of rowsOf(table.data)) {
        if (event.type === 'DELETED') rows.delete(row.uid);
        else rows.set(row.uid, row);
      }
      changed();
    }
    return table.data.rows.at(-1)?.object.metadata.resourceVersion ?? table.data.metadata.resourceVersion;
  };
  const watchFrom = async (revision: string): Promise<string> => {
    let reached = revision;
    const response = await client.request({
      method: 'GET',
      path,
      query: {
        watch: true,
        resourceVersion: revision,
        labelSelector,
        allowWatchBookmarks: true,
        timeoutSeconds: watchSeconds,
      },
      headers: { accept: tableAccept },
      signal,
    });
    if (response.status !== 200) throw new ApiError(JSON.parse(await response.text()) as Status);
    const decoder = new TextDecoder();
    let rest = '';
    for await (const bytes of response.body) {
      const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') reached = onEvent(line) || reached;
    }
    return reached;
  };
  const run = async (): Promise<void> => {
    let revision: string | undefined;
    while (!signal.aborted) {
      try {
        revision ??= await listAll();
        if (watchable) revision = await watchFrom(revision);
        else {
          await clock.sleep(pollMs, signal);
          revision = undefined;
        }
      } catch (error) {
        if (signal.aborted) return;
        const refused = isApiError(error, 'Forbidden') || isApiError(error, 'NotFound');
        if (!isApiError(error, 'Expired') && !isApiError(error, 'Gone')) {
          state.error = toConsoleError(error);
          onChange();
          await clock.sleep(refused ? refusedRetryMs : retryMs, signal);
        }
        revision = undefined;
      }
    }
  };
  void run();
  return {
    get columns() {
      return state.columns;
    },
    get ready() {
      return state.ready;
    },
    get error() {
      return state.error;
    },
    rows: () => (list ??= [...rows.values()]),
  };
}
