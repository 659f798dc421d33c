// The search of the command palette.
import { z } from 'zod';
import { clusterId, type CommandsOf } from '../commands/table.ts';
import { findObjects } from './object-names.ts';

export const searchCommands: CommandsOf<'search'> = {
  'search.objects': {
    payload: z.strictObject({ clusterId, text: z.string().min(1).max(300) }),
    run({ clusterId: id, text }, { clusters, clock }) {
      const { client, signal } = clusters.get(id).session;
      return findObjects(client, clock, text, signal);
    },
  },
};
