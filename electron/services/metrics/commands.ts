// What a machine or pod used in the last hours or days, as the control plane recorded it with every console closed.
import { z } from 'zod';
import type { UsagePast, UsageSubject } from '../../../api/console/index.ts';
import { ApiError, type Status } from '../../../api/meta/status.ts';
import { clusterId, objectName, type CommandsOf } from '../commands/table.ts';
import { ServiceError } from '../errors.ts';

const hourMs = 3_600_000;
const longestHours = 30 * 24;
/** As many as a wide chart has room for. */
const points = 360;

const subject = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('Node'), name: objectName }),
  z.strictObject({ kind: z.literal('Pod'), namespace: objectName, name: objectName }),
]);
const time = z.string().transform((text) => Date.parse(text));
const usage = z.object({
  from: time,
  to: time,
  items: z.array(
    z.object({
      time,
      cpuMilli: z.number().optional(),
      memoryBytes: z.number().optional(),
      networkBytesPerSecond: z.number().optional(),
      diskBytes: z.number().optional(),
    }),
  ),
});

const pathOf = (of: UsageSubject): string =>
  `/apis/pilothouse.io/v1/${of.kind === 'Node' ? '' : `namespaces/${of.namespace}/`}usage`;

export const metricsCommands: CommandsOf<'metrics'> = {
  'metrics.past': {
    payload: z.strictObject({ clusterId, subject, hours: z.number().int().min(1).max(longestHours) }),
    async run({ clusterId: id, subject: of, hours }, { clusters, clock }): Promise<UsagePast> {
      const now = clock.now();
      const query = {
        kind: of.kind,
        name: of.name,
        from: new Date(now - hours * hourMs).toISOString(),
        to: new Date(now).toISOString(),
        points: String(points),
      };
      const response = await clusters.get(id).session.client.request({ method: 'GET', path: pathOf(of), query });
      const text = await response.text();
      if (response.status === 404)
        throw new ServiceError('NotSupported', 'This cluster keeps no record of what is used.');
      const body: unknown = JSON.parse(text);
      if (response.status !== 200) throw new ApiError(body as Status);
      const { from, to, items } = usage.parse(body);
      return { from, to, moments: items.map(({ time: at, ...figures }) => ({ at, ...figures })) };
    },
  },
};
