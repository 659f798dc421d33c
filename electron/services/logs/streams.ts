// The stream of many containers' logs, and what there is to follow.
import { z } from 'zod';
import type { LogTargetView, PodRow } from '../../../api/console/index.ts';
import { pods, type Pod } from '../../../api/kinds/core/index.ts';
import { clusterId, objectName, type CommandsOf } from '../commands/table.ts';
import { inCluster } from '../streams/in-cluster.ts';
import type { StreamTable } from '../streams/table.ts';
import { createMergedLog } from './merged-log.ts';

const mostTargets = 2000;
const target = z.strictObject({
  namespace: objectName,
  owner: z.strictObject({ kind: z.string().max(100), name: objectName }).optional(),
  pod: objectName.optional(),
});

/** The workloads that pods belong to, and pods that belong to none, by name. Pure. */
export function targetsOf(rows: Iterable<PodRow>, namespace: string | undefined): LogTargetView[] {
  const found = new Map<string, { pods: number } & Omit<LogTargetView, 'pods'>>();
  for (const { namespace: inside, name, owner } of rows) {
    if (namespace !== undefined && inside !== namespace) continue;
    const key = `${inside}/${owner ? `${owner.name}/${owner.kind}` : name}`;
    const known = found.get(key);
    if (known) known.pods++;
    else found.set(key, { namespace: inside, ...(owner ? { owner } : { pod: name }), pods: 1 });
  }
  return [...found.entries()]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .slice(0, mostTargets)
    .map(([, one]) => one);
}

export const logCommands: CommandsOf<'logs'> = {
  'logs.targets': {
    payload: z.strictObject({ clusterId, namespace: objectName.optional() }),
    run: ({ clusterId: id, namespace }, { clusters }) =>
      targetsOf(clusters.get(id).session.rows.pods.values(), namespace),
  },
};

export const mergedLogStreams: Pick<StreamTable, 'logs'> = {
  logs: {
    payload: z.strictObject({
      clusterId,
      target,
      container: objectName.optional(),
      tailLines: z.number().int().min(0).max(10_000),
      sinceSeconds: z.number().int().min(1).optional(),
    }),
    open: ({ clusterId: id, target: wanted, container, tailLines, sinceSeconds }, emit, context) =>
      inCluster(context, id, emit, ({ client, informers, rows, signal: closed }, deliver) => {
        const ending = new AbortController();
        const signal = AbortSignal.any([ending.signal, closed]);
        const log = createMergedLog({ client, clock: context.clock, tailLines, sinceSeconds, signal, deliver });
        const informer = informers.of<Pod>(pods);
        deliver({ sources: [], lines: [] });
        const stop = rows.pods.subscribe(
          ({ namespace, name, owner }) =>
            namespace === wanted.namespace &&
            (wanted.pod === undefined || name === wanted.pod) &&
            (wanted.owner === undefined || (owner?.kind === wanted.owner.kind && owner.name === wanted.owner.name)),
          (change) => {
            for (const row of change.kind === 'snapshot' ? change.rows : change.upserted) {
              const names = informer.get(`${row.namespace}/${row.name}`)?.spec.containers.map(({ name }) => name) ?? [];
              if (row.node !== undefined)
                log.follow(row, container === undefined ? names : names.filter((name) => name === container));
            }
          },
        );
        return () => {
          stop();
          ending.abort();
        };
      }),
  },
};
