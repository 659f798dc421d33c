// Streams of the explorer: a page of any kind's table, and one object of any kind.
import { z } from 'zod';
import type { ConsoleError, StreamEvent, TablePage } from '../../../api/console/index.ts';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { clusterId, objectName, objectRef } from '../commands/table.ts';
import type { Context } from '../context.ts';
import type { Unsubscribe } from '../contract.ts';
import { toConsoleError } from '../errors.ts';
import { resourceOf } from '../resources.ts';
import { coalesce } from '../streams/coalesce.ts';
import { inCluster } from '../streams/in-cluster.ts';
import type { StreamTable } from '../streams/table.ts';
import { discoverKinds } from './discovery.ts';
import { objectDetail } from './object-detail.ts';
import { joinTable } from './shared-tables.ts';
import { readRow } from './table-follower.ts';
import { pageOf } from './table-page.ts';
import { watchObject } from './watch-object.ts';

const mostRows = 500;
const detailMs = 150;
/** A large table is sorted less often: a page of 30,000 rows takes tens of milliseconds. */
const pageMs = (rows: number): number => (rows > 5000 ? 600 : 150);

const window = z.strictObject({
  offset: z.number().int().min(0),
  limit: z.number().int().min(1).max(mostRows),
  search: z.string().max(500).optional(),
  sort: z.strictObject({ column: z.number().int().min(0).max(100), descending: z.boolean() }).optional(),
});
const tablePayload = z.strictObject({
  clusterId,
  ...objectRef.pick({ apiVersion: true, kind: true }).shape,
  namespace: objectName.optional(),
  labelSelector: z.string().max(2000).optional(),
  window,
});

type TablePayload = z.infer<typeof tablePayload>;

function openTable(
  { clusterId: id, apiVersion, kind, namespace, labelSelector, window: wanted }: TablePayload,
  emit: (event: StreamEvent<TablePage>) => void,
  context: Context,
): Unsubscribe {
  return inCluster<TablePage>(context, id, emit, ({ client, signal }, deliver) => {
    let leave: Unsubscribe | undefined;
    let stopped = false;
    const open = async (): Promise<void> => {
      const resource = await resourceOf(client, { apiVersion, kind });
      const kinds = await discoverKinds(client, context.clock);
      const view = kinds.find((one) => one.apiVersion === apiVersion && one.kind === kind);
      if (stopped) return;
      const watchable = view === undefined || view.verbs.includes('watch');
      let settleMs = 0;
      const show = (): void => {
        const { ready, error, columns } = joined.table;
        if (error !== undefined) emit({ type: 'interrupted', error });
        else if (ready) {
          const rows = joined.table.rows();
          if (pageMs(rows.length) !== settleMs) retime(rows.length);
          deliver(pageOf(columns, rows, wanted));
        }
      };
      let soon = coalesce(context.clock, settleMs, show);
      const retime = (rows: number): void => {
        settleMs = pageMs(rows);
        soon.cancel();
        soon = coalesce(context.clock, settleMs, show);
      };
      const joined = joinTable(client, { resource, namespace, labelSelector, watchable }, context.clock, signal, () =>
        soon.request(),
      );
      leave = () => {
        joined.leave();
        soon.cancel();
      };
      soon.request();
    };
    open().catch((error: unknown) => {
      if (!stopped) emit({ type: 'ended', error: toConsoleError(error) });
    });
    return () => {
      stopped = true;
      leave?.();
    };
  });
}

export const explorerStreams: Pick<StreamTable, 'explorer.table' | 'object'> = {
  'explorer.table': { payload: tablePayload, open: openTable },
  object: {
    payload: z.strictObject({ clusterId, object: objectRef }),
    open: ({ clusterId: id, object: ref }, emit, context) =>
      inCluster(context, id, emit, ({ client, signal: closed }, deliver) => {
        const ending = new AbortController();
        const signal = AbortSignal.any([ending.signal, closed]);
        let object: KubernetesObject | undefined;
        const follow = async (): Promise<void> => {
          const resource = await resourceOf(client, ref);
          const show = async (): Promise<void> => {
            if (object === undefined) return deliver(null);
            const shown = object;
            // Printing is a courtesy of the server: without it the page has fewer facts.
            const printed = await readRow(client, resource, ref.namespace, ref.name, signal).catch(() => undefined);
            if (!signal.aborted && shown === object) deliver(objectDetail(object, printed));
          };
          const soon = coalesce(context.clock, detailMs, () => void show());
          const onObject = (next: KubernetesObject | undefined): void => {
            object = next;
            soon.request();
          };
          const onError = (error: ConsoleError): void => emit({ type: 'interrupted', error });
          await watchObject(client, resource, ref.namespace, ref.name, { onObject, onError }, context.clock, signal);
          soon.cancel();
        };
        follow().catch((error: unknown) => {
          if (!signal.aborted) emit({ type: 'ended', error: toConsoleError(error) });
        });
        return () => ending.abort();
      }),
  },
};
