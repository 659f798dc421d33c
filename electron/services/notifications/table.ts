// The stream and the commands of the notification centre.
import { z } from 'zod';
import type { CommandsOf } from '../commands/table.ts';
import { nothing } from '../commands/table.ts';
import type { StreamTable } from '../streams/table.ts';

export const notificationCommands: CommandsOf<'notifications'> = {
  'notifications.read': {
    payload: z.strictObject({ ids: z.array(z.string().max(1000)).max(1000).optional() }),
    run({ ids }, { notifications }) {
      notifications.read(ids);
      return {};
    },
  },
};

export const notificationStreams: Pick<StreamTable, 'notifications'> = {
  notifications: {
    payload: nothing,
    open(_payload, emit, { notifications }) {
      const deliver = (): void => emit({ type: 'data', data: notifications.list() });
      deliver();
      return notifications.onDidChange(deliver);
    },
  },
};
