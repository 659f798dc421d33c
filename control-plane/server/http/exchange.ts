// One request and its answer, the same over HTTP/1.1 and HTTP/2. Owns how bytes leave: headers, compression, back-pressure.
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import type { Socket } from 'node:net';
import { gzip } from 'node:zlib';
import type { Peer } from './peer.ts';
import { pieceBytes, sendInPieces } from './pieces.ts';

export type NodeRequest = IncomingMessage | Http2ServerRequest;
/** HTTP/2's compatible response has everything of this that is used here. */
export type NodeResponse = ServerResponse;

/** Answers above this size are compressed when the client accepts gzip (upstream's threshold). */
const gzipThresholdBytes = 128 * 1024;

/** A connection that may be taken over. */
export interface Upgrade {
  /** Hands the raw connection over; from then on no HTTP answer can be sent. */
  take(): { readonly socket: Socket; readonly head: Buffer };
}

/** One request being answered. */
export interface Exchange {
  readonly method: string;
  /** The path as sent, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly peer: Peer;
  readonly request: NodeRequest;
  readonly response: NodeResponse;
  /** Warnings for the client, sent as `Warning: 299` headers with the answer. */
  readonly warnings: string[];
  /** How long a whole answer was, before compression. */
  sentBytes?: number;
  /** What the audit log is to say of this request, by qualified name; made by the first who has something to add. */
  auditAnnotations?: Record<string, string>;
  /** Aborted when the client goes away or the server closes. */
  readonly signal: AbortSignal;
  /** Present when the client asks to leave HTTP: WebSocket, SPDY. */
  readonly upgrade: Upgrade | undefined;
  /** Sends a whole answer. */
  send(code: number, contentType: string, body: Uint8Array | string | readonly Uint8Array[]): void;
  /** Begins a streamed answer of unknown length. */
  stream(code: number, contentType: string): NodeResponse;
}

const noQuery = new URLSearchParams();

/** Wraps Node's request and response; cheap: nothing is parsed that is not asked for. */
export function createExchange(
  request: NodeRequest,
  response: NodeResponse,
  peer: Peer,
  closing: AbortSignal,
  upgrade?: Upgrade,
): Exchange {
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  let signal: AbortSignal | undefined;
  const warnings: string[] = [];
  const exchange: Exchange = {
    method: request.method ?? 'GET',
    path: mark === -1 ? url : url.slice(0, mark),
    query: mark === -1 ? noQuery : new URLSearchParams(url.slice(mark + 1)),
    headers: request.headers,
    peer,
    request,
    response,
    upgrade,
    warnings,
    get signal() {
      signal ??= abortWhenGone(response, closing);
      return signal;
    },
    send(code, contentType, body) {
      sendWhole(exchange, code, contentType, body);
    },
    stream(code, contentType) {
      writeHead(response, code, headersFor(contentType, warnings));
      return response;
    },
  };
  return exchange;
}

function abortWhenGone(response: NodeResponse, closing: AbortSignal): AbortSignal {
  const gone = new AbortController();
  const abort = (): void => gone.abort();
  if (closing.aborted || response.destroyed) gone.abort();
  closing.addEventListener('abort', abort, { once: true });
  response.once('close', () => {
    closing.removeEventListener('abort', abort);
    gone.abort();
  });
  return gone.signal;
}

type HeaderList = Record<string, string | number | string[]>;

function headersFor(contentType: string, warnings: readonly string[]): HeaderList {
  const headers: HeaderList = { 'content-type': contentType, 'cache-control': 'no-cache, private' };
  if (warnings.length > 0) headers['warning'] = warnings.map(formatWarning);
  return headers;
}

/** RFC 7234 warning text: quoted, without control characters, short enough for every client's header limit. */
function formatWarning(text: string): string {
  const clean = text
    .slice(0, 1024)
    .replace(/[^\x20-\x7e]/g, ' ')
    .replace(/["\\]/g, '\\$&');
  return `299 - "${clean}"`;
}

function writeHead(response: NodeResponse, code: number, headers: HeaderList): void {
  response.writeHead(code, headers);
}

function sendWhole(
  exchange: Exchange,
  code: number,
  contentType: string,
  body: Uint8Array | string | readonly Uint8Array[],
): void {
  const { response } = exchange;
  if (response.destroyed || response.headersSent) return;
  const headers = headersFor(contentType, exchange.warnings);
  const parts = typeof body === 'string' ? [Buffer.from(body)] : body instanceof Uint8Array ? [body] : body;
  let length = 0;
  for (const part of parts) length += part.byteLength;
  exchange.sentBytes = length;
  if (length > gzipThresholdBytes && acceptsGzip(exchange.headers) && !response.hasHeader('content-encoding')) {
    // Compression runs in libuv's thread pool, off the API's thread.
    gzip(Buffer.concat(parts, length), { level: 1 }, (error, compressed) => {
      if (error !== null || response.destroyed) return void response.destroy(error ?? undefined);
      writeHead(response, code, {
        ...headers,
        'content-encoding': 'gzip',
        vary: 'Accept-Encoding',
        'content-length': compressed.length,
      });
      response.end(exchange.method === 'HEAD' ? undefined : compressed);
    });
    return;
  }
  headers['content-length'] = length;
  writeHead(response, code, headers);
  writeParts(response, exchange.method === 'HEAD' ? [] : parts, length);
}

/** Small answers leave in one write, large ones in pieces. */
function writeParts(response: ServerResponse, parts: readonly Uint8Array[], length: number): void {
  const [only] = parts;
  if (parts.length === 0) response.end();
  else if (parts.length === 1 && only !== undefined) response.end(only);
  else if (length <= pieceBytes) response.end(Buffer.concat(parts, length));
  else void sendInPieces(response, parts);
}

function acceptsGzip(headers: IncomingHttpHeaders): boolean {
  const accepted = headers['accept-encoding'];
  return typeof accepted === 'string' && accepted.includes('gzip');
}
