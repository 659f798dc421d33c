// Serves one console connection over any message port, by the wire of `api/console/wire.ts`.
// Guarantees: messages of another shape are dropped; when the port closes, every subscription of it ends.
import { z } from 'zod';
import type { CommandName, CommandPayload, ServerMessage, StreamName, StreamPayload } from '../../api/console/index.ts';
import type { Services, Unsubscribe } from './contract.ts';

/** One connection, whatever carries it. */
export interface Port {
  send(message: ServerMessage): void;
  onMessage(listener: (message: unknown) => void): void;
  onClose(listener: () => void): void;
}

const id = z.number().int().nonnegative();
const clientMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('invoke'), id, command: z.string(), payload: z.unknown() }),
  z.object({ type: z.literal('subscribe'), id, stream: z.string(), payload: z.unknown() }),
  z.object({ type: z.literal('unsubscribe'), id }),
]);

const maxSubscriptions = 200;

/** Answers the port until it closes. The services check names and payloads; here only the envelope is checked. */
export function servePort(services: Services, port: Port): void {
  const subscriptions = new Map<number, Unsubscribe>();
  let open = true;
  const send = (message: ServerMessage): void => {
    if (open) port.send(message);
  };

  port.onMessage((raw) => {
    const parsed = clientMessage.safeParse(raw);
    if (!parsed.success || !open) return;
    const message = parsed.data;
    switch (message.type) {
      case 'invoke':
        void services
          .invoke(message.command as CommandName, message.payload as CommandPayload<CommandName>)
          .then((result) => send({ type: 'result', id: message.id, result }));
        return;
      case 'subscribe':
        if (subscriptions.has(message.id) || subscriptions.size >= maxSubscriptions) return;
        subscriptions.set(
          message.id,
          services.subscribe(message.stream as StreamName, message.payload as StreamPayload<StreamName>, (event) =>
            send({ type: 'event', id: message.id, event }),
          ),
        );
        return;
      case 'unsubscribe':
        subscriptions.get(message.id)?.();
        subscriptions.delete(message.id);
    }
  });
  port.onClose(() => {
    open = false;
    for (const unsubscribe of subscriptions.values()) unsubscribe();
    subscriptions.clear();
  });
}
