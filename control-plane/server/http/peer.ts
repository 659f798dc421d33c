// Who is at the other end of a connection, read from its client certificate once and remembered with it.
import type { TLSSocket } from 'node:tls';
import type { Http2Session } from 'node:http2';
import type { NodeRequest } from './exchange.ts';

/** The other end of a connection. Names are present only when its certificate was signed by the client authority. */
export interface Peer {
  readonly address: string;
  readonly commonName?: string;
  readonly organizations?: readonly string[];
}

const peers = new WeakMap<object, Peer>();

/** The peer of the connection that this request came by. */
export function peerOf(request: NodeRequest): Peer {
  const session = 'stream' in request ? (request.stream.session as Http2Session | undefined) : undefined;
  const key: object = session ?? request.socket;
  let peer = peers.get(key);
  if (peer === undefined) {
    peer = readPeer((session?.socket ?? request.socket) as TLSSocket);
    peers.set(key, peer);
  }
  return peer;
}

/** Reads the verified client certificate of a TLS socket. */
export function readPeer(socket: TLSSocket): Peer {
  const address = socket.remoteAddress ?? '';
  if (!socket.authorized) return { address };
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return { address };
  // One "KEY=value" per line; multi-valued RDNs are joined by " + " on a line by Node.
  const names = certificate.subject.split(/\n| \+ /);
  const values = (key: string): string[] =>
    names.filter((line) => line.startsWith(key)).map((line) => unescapeName(line.slice(key.length)));
  const [commonName] = values('CN=');
  return commonName === undefined ? { address } : { address, commonName, organizations: values('O=') };
}

/** Undoes RFC 2253's backslashes; an escaped plus or newline can therefore never pass for a separator above. */
function unescapeName(text: string): string {
  return text.includes('\\') ? text.replace(/\\([,+"\\<>;# ])/g, '$1') : text;
}
