// Passes an upgraded connection (WebSocket or SPDY) through to an agent as raw bytes, both ways, until either side ends.
import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { Exchange } from '../http/exchange.ts';
import { badRequest } from '../registry/errors.ts';

/** Headers that are between the client and this server. */
const own = new Set(['authorization', 'host', 'cookie', 'content-length', 'transfer-encoding', 'x-forwarded-for']);
const bearerPrefix = 'base64url.bearer.authorization.k8s.io.';

/** The request head that an agent gets. Pure. */
export function upgradeHead(method: string, path: string, host: string, headers: IncomingHttpHeaders): string {
  const lines = [`${method} ${path} HTTP/1.1`, `Host: ${host}`];
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || own.has(name) || name.startsWith('impersonate-') || name.startsWith(':')) continue;
    for (const one of Array.isArray(value) ? value : [value]) {
      const text = name === 'sec-websocket-protocol' ? withoutBearer(one) : one;
      if (text !== '') lines.push(`${name}: ${text}`);
    }
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function withoutBearer(protocols: string): string {
  return protocols
    .split(',')
    .map((protocol) => protocol.trim())
    .filter((protocol) => !protocol.startsWith(bearerPrefix))
    .join(', ');
}

/** Joins the client's connection with the agent's; resolves when both are closed. */
export async function passThrough(exchange: Exchange, upstream: Socket, path: string, host: string): Promise<void> {
  const { upgrade } = exchange;
  if (upgrade === undefined) {
    upstream.destroy();
    throw badRequest('Upgrade request required');
  }
  const { socket, head } = upgrade.take();
  upstream.write(upgradeHead(exchange.method, path, host, exchange.headers));
  if (head.length > 0) upstream.write(head);
  socket.setNoDelay(true);
  const closed = (stream: { once(event: 'close', listener: () => void): unknown; destroyed: boolean }): Promise<void> =>
    new Promise((resolve) => {
      if (stream.destroyed) resolve();
      else stream.once('close', () => resolve());
    });
  const both = Promise.all([closed(socket), closed(upstream)]);
  const end = (): void => {
    socket.destroy();
    upstream.destroy();
  };
  socket.on('error', end);
  upstream.on('error', end);
  // Half-closed ends must still deliver what is on its way, hence pipe and not destroy on `end`.
  upstream.pipe(socket);
  socket.pipe(upstream);
  exchange.signal.addEventListener('abort', end, { once: true });
  socket.once('close', () => upstream.destroy());
  upstream.once('close', () => socket.end());
  await both;
  exchange.signal.removeEventListener('abort', end);
}
