// Port-forwards: a local port whose connections go into a pod, each over its own WebSocket (`v4.channel.k8s.io`: channel
// 0 carries data, channel 1 errors, each beginning with the port number in two bytes).
// Guarantees: listens on loopback only; closing ends every connection of it; figures are told at most four times a second.
import { randomUUID } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import type { ForwardView } from '../../../api/console/index.ts';
import type { Clock } from '../../../machinery/clock.ts';
import type { RestClient } from '../../../machinery/rest-client.ts';
import type { Unsubscribe } from '../contract.ts';
import { ServiceError, toConsoleError } from '../errors.ts';
import { coalesce } from '../streams/coalesce.ts';

export interface ForwardWish {
  readonly clusterId: string;
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
  /** 0 takes any free port. */
  readonly localPort: number;
}

export interface Forwards {
  open(client: RestClient, wish: ForwardWish, closed: AbortSignal): Promise<ForwardView>;
  close(id: string): void;
  list(): readonly ForwardView[];
  onDidChange(listener: () => void): Unsubscribe;
  closeAll(): void;
}

type Entry = { -readonly [K in keyof ForwardView]: ForwardView[K] };

const dataChannel = 0;
const errorChannel = 1;
const portBytes = 2;
const tellMs = 250;
const chunkBytes = 32 * 1024;

async function pump(
  client: RestClient,
  entry: Entry,
  socket: Socket,
  signal: AbortSignal,
  changed: () => void,
): Promise<void> {
  const path = `/api/v1/namespaces/${encodeURIComponent(entry.namespace)}/pods/${encodeURIComponent(entry.pod)}/portforward?ports=${entry.port}`;
  const channel = await client.upgrade(path, ['v4.channel.k8s.io'], { signal });
  const end = (): void => channel.close();
  signal.addEventListener('abort', end, { once: true });
  const outwards = async (): Promise<void> => {
    for await (const piece of socket as AsyncIterable<Buffer>) {
      for (let at = 0; at < piece.length; at += chunkBytes) {
        await channel.send(Buffer.concat([Buffer.of(dataChannel), piece.subarray(at, at + chunkBytes)]));
      }
      entry.sentBytes += piece.length;
      changed();
    }
  };
  const sending = outwards().catch(() => undefined); // the local side went away: the loop below ends with the channel
  const greeted = new Set<number>();
  try {
    for await (const message of channel.messages) {
      const kind = message[0] ?? dataChannel;
      const body = greeted.has(kind) ? message.subarray(1) : message.subarray(1 + portBytes);
      greeted.add(kind);
      if (kind === errorChannel && body.length > 0) throw new Error(new TextDecoder().decode(body));
      if (kind !== dataChannel || body.length === 0) continue;
      entry.receivedBytes += body.length;
      changed();
      if (!socket.write(body)) await new Promise((resolve) => socket.once('drain', resolve).once('close', resolve));
    }
  } finally {
    signal.removeEventListener('abort', end);
    channel.close();
    socket.destroy();
    await sending;
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE' || error.code === 'EACCES';
      reject(
        taken
          ? new ServiceError('Invalid', `Port ${port} of this computer is taken or not allowed.`, {
              remedy: 'Choose another local port, or leave it empty.',
            })
          : error,
      );
    });
    server.listen(port, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
}

/** No forwards yet. */
export function createForwards(clock: Clock): Forwards {
  const entries = new Map<string, { entry: Entry; ending: AbortController }>();
  const listeners = new Set<() => void>();
  const soon = coalesce(clock, tellMs, () => {
    for (const listener of [...listeners]) listener();
  });
  const changed = (): void => soon.request();
  const close = (id: string): void => {
    entries.get(id)?.ending.abort();
    if (entries.delete(id)) changed();
  };

  return {
    async open(client, wish, closed) {
      const ending = new AbortController();
      const signal = AbortSignal.any([ending.signal, closed]);
      const entry: Entry = {
        ...wish,
        id: randomUUID(),
        connections: 0,
        sentBytes: 0,
        receivedBytes: 0,
        openedAt: clock.now(),
      };
      const server = createServer((socket) => {
        entry.connections++;
        changed();
        const drop = (): void => void socket.destroy();
        signal.addEventListener('abort', drop, { once: true });
        socket.on('error', drop);
        pump(client, entry, socket, signal, changed)
          .then(
            () => (entry.error = undefined),
            (error: unknown) => signal.aborted || (entry.error = toConsoleError(error).message),
          )
          .finally(() => {
            signal.removeEventListener('abort', drop);
            socket.destroy();
            entry.connections--;
            changed();
          });
      });
      entry.localPort = await listen(server, wish.localPort);
      signal.addEventListener(
        'abort',
        () => {
          server.close();
          close(entry.id);
        },
        { once: true },
      );
      entries.set(entry.id, { entry, ending });
      changed();
      return { ...entry };
    },
    close,
    list: () => [...entries.values()].map(({ entry }) => ({ ...entry })),
    onDidChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    closeAll() {
      for (const id of [...entries.keys()]) close(id);
      soon.cancel();
    },
  };
}
