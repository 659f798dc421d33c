// The stream of what is used: the whole cluster's machines and hungriest pods, a machine's pods, or a pod's containers.
import { z } from 'zod';
import type { MetricsView, UsageView } from '../../../api/console/index.ts';
import type { ClusterSession } from '../clusters/session.ts';
import { clusterId, objectName } from '../commands/table.ts';
import { inCluster } from '../streams/in-cluster.ts';
import type { StreamTable } from '../streams/table.ts';
import { metricsOf, type MetricsCollector } from './collector.ts';

const mostParts = 100;

const scope = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('cluster') }),
  z.strictObject({ kind: z.literal('node'), name: objectName }),
  z.strictObject({ kind: z.literal('pod'), namespace: objectName, name: objectName }),
]);

function viewOf({ rows }: ClusterSession, metrics: MetricsCollector, of: z.infer<typeof scope>): MetricsView {
  const last = (key: string): number => metrics.pods.of(key).at(-1)?.[1] ?? 0;
  const nodes: UsageView[] = [];
  if (of.kind !== 'pod') {
    for (const { uid, name, cpuMilli, memoryBytes } of rows.nodes.values()) {
      if (of.kind === 'node' && of.name !== name) continue;
      nodes.push({ uid, name, cpuMilli, memoryBytes, samples: metrics.nodes.of(name) });
    }
  }
  if (of.kind === 'pod') {
    const prefix = `${of.namespace}/${of.name}/`;
    const keys = [...metrics.containers.keys()].filter((key) => key.startsWith(prefix));
    const parts = keys.map((key) => ({
      uid: key,
      name: key.slice(prefix.length),
      samples: metrics.containers.of(key),
    }));
    return { available: metrics.available ?? false, nodes, parts };
  }
  const wanted = [...rows.pods.values()].filter(({ node }) => of.kind === 'cluster' || node === of.name);
  const parts = wanted
    .map((pod) => ({ pod, key: `${pod.namespace}/${pod.name}` }))
    .sort((left, right) => last(right.key) - last(left.key))
    .slice(0, mostParts)
    .map(({ pod: { uid, namespace, name, cpuMilli, memoryBytes }, key }) => ({
      uid,
      namespace,
      name,
      cpuMilli,
      memoryBytes,
      samples: metrics.pods.of(key),
    }));
  return { available: metrics.available ?? false, nodes, parts };
}

export const metricsStreams: Pick<StreamTable, 'metrics'> = {
  metrics: {
    payload: z.strictObject({ clusterId, scope }),
    open: ({ clusterId: id, scope: of }, emit, context) =>
      inCluster(context, id, emit, (session, deliver) => {
        const metrics = metricsOf(session.client, context.clock, session.signal);
        // The rows must be followed for their capacities and owners.
        const stopRows = session.rows.nodes.onDidChange(() => undefined);
        const show = (): void => deliver(viewOf(session, metrics, of));
        if (metrics.available !== undefined) show();
        const stop = metrics.look(show);
        return () => {
          stop();
          stopRows();
        };
      }),
  },
};
