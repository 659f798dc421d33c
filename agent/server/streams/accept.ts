// Accepts an upgrade in the protocol that the client asks for: WebSocket or SPDY/3.1.
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import type { Clock } from '../../../machinery/clock.ts';
import { HttpError } from '../http-error.ts';
import type { Upgrading } from '../routes.ts';
import type { StreamChoice } from '../exec.ts';
import { spdyChannels } from './spdy-channels.ts';
import { acceptSpdy } from './spdy-upgrade.ts';
import type { ExecChannels } from './channels.ts';
import { execProtocols, websocketChannels } from './websocket-channels.ts';

/** Largest message taken from a client. */
const largestMessageBytes = 4 * 1024 * 1024;

const webSockets = new WebSocketServer({
  noServer: true,
  maxPayload: largestMessageBytes,
  perMessageDeflate: false,
  handleProtocols: (offered, request) =>
    (request as { chosenProtocol?: string }).chosenProtocol ?? [...offered][0] ?? false,
});

export async function acceptChannels(upgrading: Upgrading, streams: StreamChoice, clock: Clock): Promise<ExecChannels> {
  if (isSpdy(upgrading)) return spdyChannels(acceptSpdy(upgrading, spdyExecProtocols), streams, clock);
  const { socket, protocol } = await acceptWebSocket(upgrading, execProtocols);
  return websocketChannels(socket, protocol, clock);
}

const spdyExecProtocols = ['v4.channel.k8s.io'] as const;

export function isSpdy({ request }: Upgrading): boolean {
  return (request.headers.upgrade ?? '').toLowerCase() === 'spdy/3.1';
}

/** A WebSocket in the first protocol of ours that the client offers. Throws HttpError 400. */
export async function acceptWebSocket<P extends string>(
  { request, socket, head }: Upgrading,
  protocols: readonly P[],
): Promise<{ socket: WebSocket; protocol: P }> {
  if ((request.headers.upgrade ?? '').toLowerCase() !== 'websocket')
    throw new HttpError(400, 'upgrade to websocket or SPDY/3.1 is needed');
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim());
  const protocol = protocols.find((one) => offered.includes(one));
  if (protocol === undefined)
    throw new HttpError(400, `the node speaks ${protocols.join(', ')}; the client offers ${offered.join(', ')}`);
  Object.assign(request, { chosenProtocol: protocol });
  const accepted = await new Promise<WebSocket>((resolve) => webSockets.handleUpgrade(request, socket, head, resolve));
  return { socket: accepted, protocol };
}
