// Automatic scaling: set, taken away, and rehearsed on the load that the cluster has recorded.
import { z } from 'zod';
import type { AutoscalerReplay, ScaledWorkload, UsageReach } from '../../../api/console/index.ts';
import { horizontalPodAutoscalers, type HorizontalPodAutoscaler } from '../../../api/kinds/autoscaling/index.ts';
import { ApiError, type Status } from '../../../api/meta/status.ts';
import type { RestClient } from '../../../machinery/rest-client.ts';
import { changeObject, deleteObject, type Target } from '../changes/recorded.ts';
import { clusterId, objectName, type CommandsOf } from '../commands/table.ts';
import { ServiceError } from '../errors.ts';
import { autoscalerSpec, isAbout } from './autoscaler.ts';

const mostReplicas = 100_000;
const percent = z.number().int().min(1).max(10_000).optional();
const replicas = z.number().int().min(1).max(mostReplicas);
const longestQuietSeconds = 3600;

/** A workload as a payload names it. */
export const scaledWorkload = z.strictObject({
  namespace: objectName,
  kind: z.enum(['Deployment', 'StatefulSet', 'ReplicaSet']),
  name: objectName,
});
const ofWorkload = z.strictObject({ clusterId, workload: scaledWorkload });
const withSettings = ofWorkload.extend({
  settings: z
    .strictObject({
      least: replicas,
      most: replicas,
      cpuPercent: percent,
      memoryPercent: percent,
      quietSeconds: z.number().int().min(0).max(longestQuietSeconds),
    })
    .refine(({ least, most }) => least <= most),
});

const reachMs: Readonly<Record<UsageReach, number>> = {
  hour: 3_600_000,
  day: 24 * 3_600_000,
  week: 7 * 24 * 3_600_000,
};
const time = z.string().transform((text) => Date.parse(text));
const replayAnswer = z.object({
  status: z.object({
    from: time,
    to: time,
    unusable: z.array(z.string()),
    changes: z.number().optional(),
    least: z.number().default(0),
    most: z.number().default(0),
    mean: z.number().default(0),
    recordedMean: z.number().default(0),
    items: z.array(
      z.object({
        time,
        cpuMilli: z.number(),
        memoryBytes: z.number(),
        recorded: z.number(),
        proposed: z.number().optional(),
      }),
    ),
  }),
});

async function find(client: RestClient, workload: ScaledWorkload): Promise<HorizontalPodAutoscaler | undefined> {
  const { items } = await client.resource<HorizontalPodAutoscaler>(horizontalPodAutoscalers, workload.namespace).list();
  return items.find((one) => isAbout(one, workload));
}

const targetOf = (id: string, { namespace }: ScaledWorkload, name: string): Target<HorizontalPodAutoscaler> => ({
  clusterId: id,
  resource: horizontalPodAutoscalers,
  namespace,
  name,
});

export const scalingCommands: CommandsOf<'scaling'> = {
  'scaling.apply': {
    payload: withSettings,
    async run({ clusterId: id, workload, settings }, context) {
      const { client } = context.clusters.get(id).session;
      const before = await find(client, workload);
      const summary = (): string => `${workload.name} ${settings.least}–${settings.most}`;
      if (before !== undefined) {
        await changeObject(
          context,
          targetOf(id, workload, before.metadata.name),
          'autoscale',
          summary,
          (objects, now) => objects.update({ ...now, spec: autoscalerSpec(workload, settings, now.spec) }),
        );
        return {};
      }
      const draft = { metadata: { name: workload.name }, spec: autoscalerSpec(workload, settings) };
      const after = await client
        .resource<HorizontalPodAutoscaler>(horizontalPodAutoscalers, workload.namespace)
        .create(draft);
      await context.changes.record(id, { verb: 'autoscale', summary: summary(), after });
      return {};
    },
  },
  'scaling.remove': {
    payload: ofWorkload,
    async run({ clusterId: id, workload }, context) {
      const present = await find(context.clusters.get(id).session.client, workload);
      // Taken away already: that is what was asked for.
      if (present !== undefined) await deleteObject(context, targetOf(id, workload, present.metadata.name));
      return {};
    },
  },
  'scaling.replay': {
    payload: withSettings.extend({ reach: z.enum(['hour', 'day', 'week']) }),
    async run({ clusterId: id, workload, settings, reach }, { clusters, clock }) {
      const { client } = clusters.get(id).session;
      const before = await find(client, workload);
      const now = clock.now();
      const response = await client.request({
        method: 'POST',
        path: `/apis/pilothouse.io/v1/namespaces/${workload.namespace}/autoscalerreplays`,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          spec: {
            autoscaler: autoscalerSpec(workload, settings, before?.spec),
            from: new Date(now - reachMs[reach]).toISOString(),
            to: new Date(now).toISOString(),
          },
        }),
      });
      const text = await response.text();
      if (response.status === 404)
        throw new ServiceError('NotSupported', 'This cluster keeps no record of what is used.');
      const body: unknown = JSON.parse(text);
      if (response.status !== 201) throw new ApiError(body as Status);
      return replayOf(replayAnswer.parse(body));
    },
  },
};

function replayOf({ status }: z.infer<typeof replayAnswer>): AutoscalerReplay {
  const { from, to, unusable, items, changes, least, most, mean, recordedMean } = status;
  return {
    from,
    to,
    unusable,
    points: items.map(({ time: at, ...point }) => ({ at, ...point })),
    ...(changes !== undefined && { outcome: { changes, least, most, mean, recordedMean } }),
  };
}
