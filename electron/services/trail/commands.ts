// Commands and the stream of trails.
import { z } from 'zod';
import { clusterId, inCluster, type CommandsOf } from '../commands/table.ts';
import { toConsoleError } from '../errors.ts';
import type { StreamTable } from '../streams/table.ts';
import { exportTrail, readTrail } from './read-trail.ts';

const ofTrail = z.strictObject({ clusterId, id: z.string().regex(/^[0-9a-f]{32}$/) });

export const trailCommands: CommandsOf<'trails'> = {
  'trails.get': {
    payload: ofTrail,
    async run({ clusterId: cluster, id }, { trails, home }) {
      await trails.written();
      return readTrail(cluster, id, home);
    },
  },
  'trails.export': {
    payload: ofTrail,
    async run({ clusterId: cluster, id }, { trails, home }) {
      await trails.written();
      return { name: `trail-${cluster}-${id.slice(0, 8)}.ndjson`, text: await exportTrail(cluster, id, home) };
    },
  },
};

export const trailStreams: Pick<StreamTable, 'trails'> = {
  trails: {
    payload: inCluster,
    open({ clusterId: id }, emit, { trails }) {
      const deliver = (): void => {
        trails.list(id).then(
          (data) => emit({ type: 'data', data: [...data] }),
          (error: unknown) => emit({ type: 'ended', error: toConsoleError(error) }),
        );
      };
      deliver();
      return trails.onDidChange((changed) => {
        if (changed === id) deliver();
      });
    },
  },
};
