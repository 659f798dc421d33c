// Streams about the console itself: its clusters and settings, the changes made through it, runs of provisioning.
import { z } from 'zod';
import { clusterId, nothing } from '../commands/table.ts';
import { toConsoleError } from '../errors.ts';
import { clusterSummary } from '../projections/cluster.ts';
import { coalesce } from './coalesce.ts';
import type { StreamTable } from './table.ts';

const summariesMs = 250;

export const consoleStreams: Pick<
  StreamTable,
  'clusters' | 'settings' | 'changes' | 'provisioning.run' | 'provisioning.runs'
> = {
  clusters: {
    payload: nothing,
    open(_payload, emit, { clusters, clock }) {
      let stops: (() => void)[] = [];
      const soon = coalesce(clock, summariesMs, () => {
        emit({ type: 'data', data: clusters.list().map(clusterSummary) });
      });
      const stopAll = (): void => {
        for (const stop of stops) stop();
      };
      const attach = (): void => {
        stopAll();
        stops = clusters
          .list()
          .flatMap(({ session }) => [
            session.health.onDidChange(soon.request),
            session.rows.nodes.onDidChange(soon.request),
          ]);
        soon.request();
      };
      const stopRegistry = clusters.onDidChange(attach);
      attach();
      return () => {
        stopRegistry();
        stopAll();
        soon.cancel();
      };
    },
  },
  settings: {
    payload: nothing,
    open(_payload, emit, { settings }) {
      const stop = settings.onDidChange((data) => emit({ type: 'data', data }));
      settings.get().then(
        (data) => emit({ type: 'data', data }),
        (error: unknown) => emit({ type: 'ended', error: toConsoleError(error) }),
      );
      return stop;
    },
  },
  changes: {
    payload: z.strictObject({ clusterId }),
    open({ clusterId: id }, emit, { changes }) {
      const deliver = (): void => {
        changes.list(id).then(
          (data) => emit({ type: 'data', data }),
          (error: unknown) => emit({ type: 'ended', error: toConsoleError(error) }),
        );
      };
      deliver();
      return changes.onDidChange((changed) => {
        if (changed === id) deliver();
      });
    },
  },
  'provisioning.runs': {
    payload: nothing,
    open(_payload, emit, { runs, clock }) {
      const soon = coalesce(clock, summariesMs, () => emit({ type: 'data', data: runs.list() }));
      const stop = runs.onDidChange(soon.request);
      soon.request();
      return () => {
        stop();
        soon.cancel();
      };
    },
  },
  'provisioning.run': {
    payload: z.strictObject({ runId: z.uuid() }),
    open: ({ runId }, emit, { runs }) => runs.follow(runId, (data) => emit({ type: 'data', data })),
  },
};
