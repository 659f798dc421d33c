// The stream of the guided first hour: followed while a screen shows it. Backups and alerts are asked after now and then,
// as nothing tells of them.
import { z } from 'zod';
import { services, type Service } from '../../../api/kinds/core/index.ts';
import { clusterId } from '../commands/table.ts';
import type { Context } from '../context.ts';
import { alertCommands, backupCommands } from '../day-two/commands.ts';
import { coalesce } from '../streams/coalesce.ts';
import { inCluster } from '../streams/in-cluster.ts';
import type { StreamTable } from '../streams/table.ts';
import { guideOf, type GuideFacts } from './guide.ts';

const settleMs = 400;
const askMs = 15_000;

async function upkeepOf(id: string, context: Context): Promise<GuideFacts['upkeep']> {
  try {
    const [{ schedule }, { settings }] = await Promise.all([
      backupCommands['backups.schedule'].run({ clusterId: id }, context),
      alertCommands['alerts.get'].run({ clusterId: id }, context),
    ]);
    return {
      hasSchedule: schedule !== undefined,
      hasReceiver: settings.email !== undefined || settings.webhooks.length > 0,
    };
  } catch {
    return undefined; // not built here, or out of reach just now: the steps are left out
  }
}

export const guideStreams: Pick<StreamTable, 'guide'> = {
  guide: {
    payload: z.strictObject({ clusterId }),
    open: ({ clusterId: id }, emit, context) =>
      inCluster(context, id, emit, ({ rows, informers, signal }, deliver) => {
        const ending = new AbortController();
        const informer = informers.of<Service>(services);
        let upkeep: GuideFacts['upkeep'];
        let changes: GuideFacts['changes'] | undefined;
        let last = '';
        const soon = coalesce(context.clock, settleMs, () => {
          if (changes === undefined || !informer.hasSynced()) return;
          const view = guideOf({
            nodes: [...rows.nodes.values()],
            deployments: [...rows.deployments.values()],
            services: informer.list() as Service[],
            changes,
            upkeep,
            nowMs: context.clock.now(),
          });
          if (JSON.stringify(view) === last) return;
          last = JSON.stringify(view);
          deliver(view);
        });
        const readChanges = (): void => {
          context.changes.list(id).then(
            (list) => {
              changes = list;
              soon.request();
            },
            (err: unknown) => context.logger.warn({ err }, 'the changes cannot be read'),
          );
        };
        const askUpkeep = async (): Promise<void> => {
          const isBuilt = context.clusters.get(id).origin === 'built';
          while (isBuilt && !ending.signal.aborted) {
            upkeep = (await upkeepOf(id, context)) ?? upkeep;
            soon.request();
            await context.clock.sleep(askMs, ending.signal);
          }
        };
        const stops = [
          rows.nodes.onDidChange(soon.request),
          rows.deployments.onDidChange(soon.request),
          informer.onDidChange(soon.request),
          context.changes.onDidChange((changed) => changed === id && readChanges()),
        ];
        informer.whenSynced(signal).then(soon.request, () => undefined); // rejects only when the cluster is closed
        askUpkeep().catch(() => undefined); // rejects only when nobody looks any more
        readChanges();
        return () => {
          ending.abort();
          for (const stop of stops) stop();
          soon.cancel();
        };
      }),
  },
};
