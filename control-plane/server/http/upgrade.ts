// An upgrade request as an ordinary exchange: until the connection is taken over, errors are answered as plain HTTP.
import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Upgrade } from './exchange.ts';

/** A response on the raw socket, and the means to take the socket instead. */
export function createUpgrade(
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
): { response: ServerResponse; upgrade: Upgrade } {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => {
    response.detachSocket(socket);
    socket.end();
  });
  const onError = (): void => {
    socket.destroy();
  };
  socket.on('error', onError);
  // Node answers requests that it does not upgrade itself; this one is ours to end.
  const take = (): { socket: Socket; head: Buffer } => {
    response.detachSocket(socket);
    socket.off('error', onError);
    socket.setTimeout(0);
    socket.once('close', () => response.emit('close'));
    return { socket, head };
  };
  return { response, upgrade: { take } };
}
