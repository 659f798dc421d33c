// The sockets of the DNS: UDP and TCP on one address. A query that fails to be answered costs nobody else anything;
// TCP connections are few, idle ones are closed, and several queries may be under way on one.
import { createSocket } from 'node:dgram';
import type { Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import type { Responder } from './responder.ts';

export interface Listener {
  close(): void;
}

const tcpIdleMs = 10_000;
const tcpConnections = 1_000;
const receiveBufferBytes = 4 * 1024 * 1024;

function serveUdp(socket: UdpSocket, responder: Responder): void {
  const ignore = (): void => undefined; // the asker is gone: nobody is left to tell
  socket.on('message', (message, from) => {
    const response = responder.respond(message, 'udp');
    if (response === undefined) return;
    if (response instanceof Promise) {
      response.then((late) => late && socket.send(late, from.port, from.address, ignore), ignore);
    } else socket.send(response, from.port, from.address, ignore);
  });
}

function serveTcp(connection: Socket, responder: Responder): void {
  let received: Buffer = Buffer.alloc(0);
  const reply = (response: Buffer | undefined): void => {
    if (response === undefined || connection.destroyed) return;
    const length = Buffer.alloc(2);
    length.writeUInt16BE(response.length);
    connection.write(Buffer.concat([length, response]));
  };
  connection.setTimeout(tcpIdleMs, () => connection.destroy());
  connection.on('error', () => connection.destroy());
  connection.on('data', (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    while (received.length >= 2) {
      const end = 2 + received.readUInt16BE(0);
      if (received.length < end) return;
      const response = responder.respond(received.subarray(2, end), 'tcp');
      received = received.subarray(end);
      if (response instanceof Promise) response.then(reply, () => connection.destroy());
      else reply(response);
    }
  });
}

async function bindTcp(server: Server, address: string, port: number): Promise<void> {
  server.listen(port, address);
  await once(server, 'listening');
}

/** Listens on both transports; rejects when the address is not here or taken. */
export async function listenDns(responder: Responder, address: string, port: number): Promise<Listener> {
  const udp = createSocket({ type: 'udp4', recvBufferSize: receiveBufferBytes });
  const tcp = createServer((connection) => serveTcp(connection, responder));
  tcp.maxConnections = tcpConnections;
  const close = (): void => {
    udp.close();
    tcp.close();
  };
  try {
    udp.bind({ port, address });
    await once(udp, 'listening');
    serveUdp(udp, responder);
    await bindTcp(tcp, address, port);
  } catch (error) {
    close();
    throw error;
  }
  return { close };
}
