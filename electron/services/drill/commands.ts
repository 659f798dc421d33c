// Commands and the stream of chaos drills.
import { z } from 'zod';
import { clusterId, inCluster, objectName, type CommandsOf } from '../commands/table.ts';
import { ServiceError, toConsoleError } from '../errors.ts';
import type { StreamTable } from '../streams/table.ts';
import { drillPlan, startDrill } from './run-drill.ts';

/** Long enough for pods to leave a machine by the usual patience of five minutes, and to come back. */
const longestHoldSeconds = 1800;

const target = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('pod'), namespace: objectName, name: objectName }),
  z.strictObject({ kind: z.enum(['agent', 'master', 'link']), machine: objectName }),
]);
const wish = z.strictObject({ clusterId, target, holdSeconds: z.number().int().min(5).max(longestHoldSeconds) });

export const drillCommands: CommandsOf<'drills'> = {
  'drills.plan': {
    payload: wish,
    run: async ({ clusterId: id, target: broken, holdSeconds }, context) =>
      (await drillPlan(context, id, broken, holdSeconds)).plan,
  },
  'drills.start': {
    payload: wish,
    run: ({ clusterId: id, target: broken, holdSeconds }, context) => startDrill(context, id, broken, holdSeconds),
  },
  'drills.putBack': {
    payload: z.strictObject({ clusterId, id: z.uuid() }),
    async run({ clusterId: id, id: drillId }, { drills, runs, clock }) {
      const drill = (await drills.list(id)).find((one) => one.id === drillId);
      if (drill === undefined || drill.target.kind === 'pod' || drill.state === 'running')
        throw new ServiceError('NotFound', 'There is no such drill to be put back.');
      const { kind, machine } = drill.target;
      return runs.task(id, 'drill', async (spec, options) => {
        const { endDrill } = await import('../../../provisioning/index.ts');
        await endDrill(spec, machine, kind === 'link' ? { kind, others: [], sshPorts: [] } : { kind }, options);
        const message = { en: 'It was put back, and the machine said so.', 'zh-CN': '已还原，并由机器确认。' };
        await drills.put(id, { ...drill, state: 'cancelled', endedAt: clock.now(), message });
        return { ok: true };
      });
    },
  },
};

export const drillStreams: Pick<StreamTable, 'drills'> = {
  drills: {
    payload: inCluster,
    open({ clusterId: id }, emit, { drills }) {
      const deliver = (): void => {
        drills.list(id).then(
          (data) => emit({ type: 'data', data: [...data] }),
          (error: unknown) => emit({ type: 'ended', error: toConsoleError(error) }),
        );
      };
      deliver();
      return drills.onDidChange((changed) => {
        if (changed === id) deliver();
      });
    },
  },
};
