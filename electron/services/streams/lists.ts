// Streams of rows: machines, pods, Deployments, events, namespaces.
import { z } from 'zod';
import type { EventRow } from '../../../api/console/index.ts';
import { namespaces, type Namespace } from '../../../api/kinds/core/index.ts';
import { clusterId, objectName } from '../commands/table.ts';
import type { Context } from '../context.ts';
import type { Unsubscribe } from '../contract.ts';
import { coalesce } from './coalesce.ts';
import { inCluster } from './in-cluster.ts';
import type { RowTable } from './row-table.ts';
import type { StreamTable } from './table.ts';

const owner = z.strictObject({ kind: z.string().max(100), name: objectName });
const settleMs = 200;

/** The newest events of many, told again when they are others: a screen of a dozen does not follow tens of thousands. */
function followNewest(
  { clock }: Context,
  table: RowTable<EventRow>,
  isWanted: (event: EventRow) => boolean,
  count: number,
  tell: (newest: readonly EventRow[]) => void,
): Unsubscribe {
  let last: readonly EventRow[] | undefined;
  const soon = coalesce(clock, settleMs, () => {
    let newest: EventRow[] = [];
    let least = -Infinity;
    for (const event of table.values()) {
      if ((newest.length >= count && event.lastAt <= least) || !isWanted(event)) continue;
      newest.push(event);
      if (newest.length < 2 * count) continue;
      newest = newestFirst(newest).slice(0, count);
      least = newest.at(-1)?.lastAt ?? least;
    }
    newest = newestFirst(newest).slice(0, count);
    if (last?.length === newest.length && last.every((event, index) => event === newest[index])) return;
    last = newest;
    tell(newest);
  });
  const stop = table.onDidChange(soon.request);
  soon.request();
  return () => {
    stop();
    soon.cancel();
  };
}

const newestFirst = (events: readonly EventRow[]): EventRow[] => events.toSorted((a, b) => b.lastAt - a.lastAt);

export const listStreams: Pick<StreamTable, 'nodes' | 'pods' | 'deployments' | 'events' | 'namespaces'> = {
  nodes: {
    payload: z.strictObject({ clusterId }),
    open: (payload, emit, context) =>
      inCluster(context, payload.clusterId, emit, ({ rows }, deliver, refuse) =>
        rows.nodes.subscribe(() => true, deliver, refuse),
      ),
  },
  pods: {
    payload: z.strictObject({
      clusterId,
      namespace: objectName.optional(),
      node: objectName.optional(),
      owner: owner.optional(),
    }),
    open: ({ clusterId: id, namespace, node, owner: wanted }, emit, context) =>
      inCluster(context, id, emit, ({ rows }, deliver, refuse) =>
        rows.pods.subscribe(
          (pod) =>
            (namespace === undefined || pod.namespace === namespace) &&
            (node === undefined || pod.node === node) &&
            (wanted === undefined || (pod.owner?.kind === wanted.kind && pod.owner.name === wanted.name)),
          deliver,
          refuse,
        ),
      ),
  },
  deployments: {
    payload: z.strictObject({ clusterId, namespace: objectName.optional() }),
    open: ({ clusterId: id, namespace }, emit, context) =>
      inCluster(context, id, emit, ({ rows }, deliver, refuse) =>
        rows.deployments.subscribe((row) => namespace === undefined || row.namespace === namespace, deliver, refuse),
      ),
  },
  events: {
    payload: z.strictObject({
      clusterId,
      namespace: objectName.optional(),
      object: owner.optional(),
      newest: z.number().int().min(1).max(1000).optional(),
    }),
    open: ({ clusterId: id, namespace, object, newest }, emit, context) =>
      inCluster(context, id, emit, ({ rows }, deliver, refuse) => {
        const isWanted = (event: EventRow): boolean =>
          (namespace === undefined || event.namespace === namespace) &&
          (object === undefined || (event.object.kind === object.kind && event.object.name === object.name));
        if (newest === undefined) return rows.events.subscribe(isWanted, deliver, refuse);
        return followNewest(context, rows.events, isWanted, newest, (found) =>
          deliver({ kind: 'snapshot', rows: found }),
        );
      }),
  },
  namespaces: {
    payload: z.strictObject({ clusterId }),
    open: ({ clusterId: id }, emit, context) =>
      inCluster(context, id, emit, (session, deliver) => {
        const { informers, signal, health } = session;
        const informer = informers.of<Namespace>(namespaces);
        const soon = coalesce(context.clock, settleMs, () => {
          if (!informer.hasSynced()) {
            if (session.limitedTo !== undefined) deliver([session.limitedTo]);
          } else
            deliver(
              informer
                .list()
                .map(({ metadata }) => metadata.name)
                .sort(),
            );
        });
        const stop = informer.onDidChange(soon.request);
        const stopHealth = health.onDidChange(() => session.limitedTo !== undefined && soon.request());
        informer.whenSynced(signal).then(soon.request, () => undefined); // rejects only when the cluster is closed
        return () => {
          stop();
          stopHealth();
          soon.cancel();
        };
      }),
  },
};
