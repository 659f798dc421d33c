// The console's services: one table of commands, one of streams, over the clusters of a console home.
// Both shells and the tests use exactly this; it knows neither windows nor sockets.
import type {
  CommandName,
  CommandPayload,
  CommandValue,
  Result,
  StreamData,
  StreamEvent,
  StreamName,
  StreamPayload,
} from '../../api/console/index.ts';
import { systemClock, type Clock } from '../../machinery/clock.ts';
import { createLogger, type Logger } from '../../machinery/logger.ts';
import type { ProvisionOptions } from '../../provisioning/contract.ts';
import { withTrace } from '../../machinery/trace.ts';
import { homeDir } from '../../provisioning/paths.ts';
import { accessCommands } from './access/commands.ts';
import { createChangeLog } from './changes/change-log.ts';
import { createClusterRegistry } from './clusters/registry.ts';
import { clusterCommands, settingsCommands } from './commands/clusters.ts';
import { deploymentCommands } from './commands/deployments.ts';
import { changeCommands, nodeCommands, podCommands, yamlCommands } from './commands/objects.ts';
import { whatIfCommands } from './placement/what-if.ts';
import { provisioningCommands } from './commands/provisioning.ts';
import type { CommandEntry, CommandTable } from './commands/table.ts';
import { configurationCommands } from './configuration/commands.ts';
import type { Context } from './context.ts';
import type { Services, Unsubscribe } from './contract.ts';
import {
  alertCommands,
  backupCommands,
  certificateCommands,
  quorumCommands,
  supportCommands,
} from './day-two/commands.ts';
import { machineCommands } from './day-two/machines.ts';
import { upgradeCommands } from './day-two/upgrade.ts';
import { drillCommands, drillStreams } from './drill/commands.ts';
import { createDrillLog } from './drill/drill-log.ts';
import { ServiceError, toConsoleError } from './errors.ts';
import { explorerCommands } from './explorer/commands.ts';
import { explorerStreams } from './explorer/streams.ts';
import { fileCommands } from './files/commands.ts';
import { createForwards } from './forwards/forwards.ts';
import { forwardCommands, forwardStreams } from './forwards/table.ts';
import { guideStreams } from './guide/streams.ts';
import { logCommands, mergedLogStreams } from './logs/streams.ts';
import { metricsCommands } from './metrics/commands.ts';
import { metricsStreams } from './metrics/streams.ts';
import { networkCommands } from './network/commands.ts';
import { createNotificationCenter } from './notifications/center.ts';
import { notificationCommands, notificationStreams } from './notifications/table.ts';
import { historyCommands } from './history/commands.ts';
import { loadProvisioner, type Provisioner } from './provisioning/provisioner.ts';
import type { Vault } from './provisioning/sealed-credentials.ts';
import { createProvisioningRuns } from './provisioning/runs.ts';
import { scalingCommands } from './scaling/commands.ts';
import { scalingStreams } from './scaling/streams.ts';
import { searchCommands } from './search/commands.ts';
import { createSettingsStore } from './state/settings.ts';
import { consoleStreams } from './streams/console.ts';
import { detailStreams } from './streams/details.ts';
import { listStreams } from './streams/lists.ts';
import { logStreams } from './streams/pod-log.ts';
import { podWindowStreams } from './streams/pod-windows.ts';
import type { StreamEntry, StreamTable } from './streams/table.ts';
import { terminalCommands, terminalStreams } from './terminals/terminals.ts';
import { trailCommands, trailStreams } from './trail/commands.ts';
import { followContainers, writtenAt } from './trail/container-results.ts';
import { clusterOfPayload } from './trail/trail-facts.ts';
import { createTrails } from './trail/trails.ts';
import { workloadCommands } from './workloads/commands.ts';

export type { Services, Unsubscribe } from './contract.ts';

export interface ServicesOptions {
  /** The console's state directory (`$PILOTHOUSE_HOME`, by default `~/.pilothouse`). */
  readonly home?: string;
  /** Where programs for machines lie, in a packaged console. */
  readonly programs?: Pick<ProvisionOptions, 'programsDir' | 'nodePath'>;
  /** Seals credentials of machines, where the desktop offers it. */
  readonly vault?: Vault;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Replaces provisioning in tests. */
  readonly loadProvisioner?: () => Promise<Provisioner>;
  /** How long a thing must hold until it is told as a notification. */
  readonly notifyAfterMs?: number;
}

const commands: CommandTable = {
  ...clusterCommands,
  ...settingsCommands,
  ...provisioningCommands,
  ...backupCommands,
  ...quorumCommands,
  ...certificateCommands,
  ...alertCommands,
  ...supportCommands,
  ...upgradeCommands,
  ...machineCommands,
  ...nodeCommands,
  ...podCommands,
  ...deploymentCommands,
  ...yamlCommands,
  ...changeCommands,
  ...terminalCommands,
  ...explorerCommands,
  ...workloadCommands,
  ...configurationCommands,
  ...historyCommands,
  ...logCommands,
  ...fileCommands,
  ...accessCommands,
  ...networkCommands,
  ...whatIfCommands,
  ...scalingCommands,
  ...metricsCommands,
  ...searchCommands,
  ...forwardCommands,
  ...drillCommands,
  ...trailCommands,
  ...notificationCommands,
};
const streams: StreamTable = {
  ...listStreams,
  ...podWindowStreams,
  ...guideStreams,
  ...detailStreams,
  ...consoleStreams,
  ...logStreams,
  ...terminalStreams,
  ...explorerStreams,
  ...mergedLogStreams,
  ...forwardStreams,
  ...notificationStreams,
  ...metricsStreams,
  ...scalingStreams,
  ...drillStreams,
  ...trailStreams,
};

function entryOf<Table extends object, Name extends keyof Table>(table: Table, name: Name): Table[Name] {
  if (!Object.hasOwn(table, name))
    throw new ServiceError('NotSupported', `The console has no ${JSON.stringify(name)}.`);
  return table[name];
}

function check<T>(payload: unknown, entry: { payload: { parse(value: unknown): T } }): T {
  try {
    return entry.payload.parse(payload);
  } catch (cause) {
    throw new ServiceError('BadRequest', 'The request is not as agreed between page and services.', { cause });
  }
}

/** Runs a command as the action of a person: what it changes, now or in the run that it begins, is on its trail. */
async function traced<N extends CommandName>(
  context: Context,
  command: N,
  payload: CommandPayload<N>,
  entry: CommandEntry<N>,
): Promise<CommandValue<N>> {
  const cluster = clusterOfPayload(payload);
  if (cluster === undefined) return entry.run(payload, context);
  const trace = context.trails.trace(cluster, command, payload);
  const end = (ok: boolean, message: string): void => {
    if (trace.hasBegun) trace.note('end', { ok, what: command, message });
  };
  try {
    const value = await withTrace(trace, () => entry.run(payload, context));
    end(true, '');
    return value;
  } catch (error) {
    end(false, toConsoleError(error).message);
    throw error;
  }
}

/** Makes the services; the clusters of the home are read and followed at once. */
export function createServices(options: ServicesOptions): Services {
  const { clock = systemClock, logger = createLogger('console') } = options;
  const home = homeDir(options.home);
  const ending = new AbortController();
  const clusters = createClusterRegistry(home, clock, logger);
  const runs = createProvisioningRuns({
    home,
    clock,
    load: options.loadProvisioner ?? loadProvisioner,
    programs: options.programs,
    vault: options.vault,
  });
  const context: Context = {
    home,
    programs: options.programs,
    clusters,
    notifications: createNotificationCenter({
      home,
      clusters,
      runs,
      clock,
      logger,
      afterMs: options.notifyAfterMs,
    }),
    settings: createSettingsStore(home),
    changes: createChangeLog(home, clock),
    drills: createDrillLog(home),
    trails: createTrails(home, clock, logger),
    forwards: createForwards(clock),
    runs,
    clock,
    logger,
  };
  context.trails.onDidWrite((trace, object) => {
    const written = writtenAt(object);
    const known = context.clusters.list().find(({ id }) => id === trace.clusterId);
    if (written === undefined || known === undefined) return;
    followContainers(known.session, clock, written, (facts) => trace.note('container', facts));
  });
  const firstScan = Promise.all([context.clusters.rescan(), context.notifications.load()]);
  const scanning = context.clusters.run(ending.signal);
  const watching = firstScan.then(() => context.notifications.run(ending.signal));

  return {
    async invoke<N extends CommandName>(command: N, payload: CommandPayload<N>): Promise<Result<CommandValue<N>>> {
      try {
        await firstScan;
        const entry: CommandEntry<N> = entryOf(commands, command);
        return { ok: true, value: await traced(context, command, check(payload, entry), entry) };
      } catch (error) {
        const shown = toConsoleError(error);
        if (shown.reason === 'Internal' || shown.reason === 'BadRequest')
          logger.warn({ err: error, command }, 'a command failed');
        return { ok: false, error: shown };
      }
    },
    subscribe<N extends StreamName>(
      stream: N,
      payload: StreamPayload<N>,
      onEvent: (event: StreamEvent<StreamData<N>>) => void,
    ): Unsubscribe {
      let stop: Unsubscribe | undefined;
      let stopped = false;
      const open = async (): Promise<void> => {
        await firstScan;
        if (stopped) return;
        const entry: StreamEntry<N> = entryOf(streams, stream);
        stop = entry.open(check(payload, entry), (event) => stopped || onEvent(event), context);
        if (stopped) stop();
      };
      open().catch((error: unknown) => {
        logger.warn({ err: error, stream }, 'a stream could not be opened');
        if (!stopped) onEvent({ type: 'ended', error: toConsoleError(error) });
      });
      return () => {
        if (stopped) return;
        stopped = true;
        stop?.();
      };
    },
    async close() {
      ending.abort();
      context.forwards.closeAll();
      await Promise.all([context.runs.close(), scanning, watching]);
      await context.trails.written();
      context.clusters.close();
    },
  };
}
