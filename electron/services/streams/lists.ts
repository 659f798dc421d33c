// Streams of rows: machines, pods, Deployments, events, namespaces.
import { z } from 'zod';
import { namespaces, type Namespace } from '../../../api/kinds/core/index.ts';
import { clusterId, objectName } from '../commands/table.ts';
import { coalesce } from './coalesce.ts';
import { inCluster } from './in-cluster.ts';
import type { StreamTable } from './table.ts';

const owner = z.strictObject({ kind: z.string().max(100), name: objectName });
const settleMs = 200;

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
    payload: z.strictObject({ clusterId, namespace: objectName.optional(), object: owner.optional() }),
    open: ({ clusterId: id, namespace, object }, emit, context) =>
      inCluster(context, id, emit, ({ rows }, deliver, refuse) =>
        rows.events.subscribe(
          (event) =>
            (namespace === undefined || event.namespace === namespace) &&
            (object === undefined || (event.object.kind === object.kind && event.object.name === object.name)),
          deliver,
          refuse,
        ),
      ),
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
