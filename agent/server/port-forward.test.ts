import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { forwardChannel } from './port-forward.ts';

const address = '127.0.0.1';
const portOf = (server: { address(): unknown }): number => (server.address() as AddressInfo).port;

describe('a port over WebSocket channels', () => {
  const closers: (() => void)[] = [];
  afterEach(() => closers.splice(0).forEach((close) => close()));

  /** A pod's port that answers once and ends its side; it can be dialled when `allow` was called. */
  async function start(): Promise<{ client: WebSocket; allow: () => void; answer: Promise<string> }> {
    const pod: Server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.once('data', (question) => socket.end(`heard ${String(question)}`));
    }).listen(0, address);
    await once(pod, 'listening');
    let allow = (): void => undefined;
    const allowed = new Promise<void>((resolve) => (allow = resolve));
    const dial = async (): Promise<Duplex> => {
      await allowed;
      return connect({ host: address, port: portOf(pod), allowHalfOpen: true });
    };
    const server = new WebSocketServer({ host: address, port: 0 });
    server.on('connection', (socket) => void forwardChannel(socket, 0, 80, dial));
    await once(server, 'listening');
    const client = new WebSocket(`ws://${address}:${portOf(server)}`);
    closers.push(
      () => client.terminate(),
      () => server.close(),
      () => pod.close(),
    );
    const parts: Buffer[] = [];
    client.on('message', (message: Buffer) => {
      if (message[0] === 0) parts.push(message.subarray(1));
    });
    const answer = once(client, 'close').then(() => Buffer.concat(parts).subarray(2).toString());
    await once(client, 'open');
    return { client, allow, answer };
  }

  it('hears what is said before the port answers, and ends when the pod does', async () => {
    const { client, allow, answer } = await start();
    client.send(Buffer.concat([Buffer.of(0), Buffer.from('ahoy')]));
    // The question is there long before the port: the pong comes after it.
    client.ping();
    await once(client, 'pong');
    allow();
    expect(await answer).toBe('heard ahoy');
  });
});
