// Commands and the stream of port-forwards. They belong to the console, not to a page: they stay open until closed.
import { z } from 'zod';
import { named, nothing, type CommandsOf } from '../commands/table.ts';
import type { StreamTable } from '../streams/table.ts';

const port = z.number().int().min(1).max(65_535);

export const forwardCommands: CommandsOf<'forwards'> = {
  'forwards.open': {
    payload: named.extend({ port, localPort: z.number().int().min(0).max(65_535) }),
    run({ clusterId, namespace, name, port: wanted, localPort }, { clusters, forwards }) {
      const { client, signal } = clusters.get(clusterId).session;
      return forwards.open(client, { clusterId, namespace, pod: name, port: wanted, localPort }, signal);
    },
  },
  'forwards.close': {
    payload: z.strictObject({ id: z.uuid() }),
    run({ id }, { forwards }) {
      forwards.close(id);
      return {};
    },
  },
};

export const forwardStreams: Pick<StreamTable, 'forwards'> = {
  forwards: {
    payload: nothing,
    open(_payload, emit, { forwards }) {
      const deliver = (): void => emit({ type: 'data', data: forwards.list() });
      deliver();
      return forwards.onDidChange(deliver);
    },
  },
};
