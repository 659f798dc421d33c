// Answers an upgrade to SPDY/3.1 and hands the connection over. The client names the subprotocols it speaks in
// X-Stream-Protocol-Version, once or several times.
import type { Duplex } from 'node:stream';
import { HttpError } from '../http-error.ts';
import type { Upgrading } from '../routes.ts';

const header = 'x-stream-protocol-version';

/** Switches protocols; the socket then carries SPDY. Throws HttpError when no subprotocol is shared. */
export function acceptSpdy({ request, socket, head }: Upgrading, protocols: readonly string[]): Duplex {
  const offered = [request.headers[header] ?? []].flat().flatMap((value) => value.split(',').map((one) => one.trim()));
  const protocol = protocols.find((one) => offered.includes(one));
  if (protocol === undefined)
    throw new HttpError(403, `the node speaks ${protocols.join(', ')}; the client offers ${offered.join(', ')}`);
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${protocol}\r\n\r\n`,
  );
  if (head.length > 0) socket.unshift(head);
  return socket;
}
