// Commands of the explorer: kinds by discovery, and what belongs to an object.
import { z } from 'zod';
import { clusterId, inCluster, objectRef, type CommandsOf } from '../commands/table.ts';
import { discoverKinds } from './discovery.ts';
import { relationsOf } from './relations.ts';

export const explorerCommands: CommandsOf<'explorer'> = {
  'explorer.kinds': {
    payload: inCluster,
    run: ({ clusterId: id }, { clusters, clock }) => discoverKinds(clusters.get(id).session.client, clock),
  },
  'explorer.relations': {
    payload: z.strictObject({ clusterId, object: objectRef }),
    run: ({ clusterId: id, object }, { clusters }) => relationsOf(clusters.get(id).session.client, object),
  },
};
