// Requests over one HTTP/2 session, which PINGs while it lives: a dead peer is noticed within two periods, and every
// stream on it then fails. A body cut short throws; it never looks like an end.
import { connect, constants } from 'node:http2';
import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Connection } from './connection.ts';
import type { TransportRequest, TransportResponse } from './contract.ts';
import { systemClock } from '../clock.ts';
import { unreachable } from '../request.ts';
import { collectText } from './body.ts';
import { markUnprocessed } from './connection.ts';
import { formatQuery } from './contract.ts';

const windowBytes = 4 * 1024 * 1024;
const mostUnreadBytes = 1024 * 1024;

/** A session on a socket whose TLS handshake is done. */
export function createHttp2Connection(url: URL, socket: TLSSocket, keepAliveMs: number): Connection {
  const session = connect(url.origin, {
    createConnection: () => socket,
    settings: { initialWindowSize: windowBytes, enablePush: false },
    maxSessionMemory: 512,
    peerMaxConcurrentStreams: 1000,
  });
  let goingAway = false;
  session.on('error', () => undefined); // every stream hears of it by itself
  session.on('goaway', () => {
    goingAway = true;
  });
  session.once('connect', () => {
    if (!session.destroyed) session.setLocalWindowSize(windowBytes * 4);
  });
  keepAlive(session, keepAliveMs);

  return {
    get ended() {
      return goingAway || session.closed || session.destroyed;
    },
    request: (request) => requestOn(session, url, request),
    close: () => session.destroy(),
  };
}

function keepAlive(session: ClientHttp2Session, periodMs: number): void {
  let cancel = systemClock.setTimeout(ping, periodMs);
  session.once('close', () => cancel());
  function ping(): void {
    if (session.destroyed) return;
    cancel = systemClock.setTimeout(
      () => session.destroy(new Error(`no answer to a PING within ${periodMs} ms`)),
      periodMs,
    );
    session.ping((error) => {
      cancel();
      if (error === null && !session.destroyed) cancel = systemClock.setTimeout(ping, periodMs);
    });
  }
}

function requestOn(session: ClientHttp2Session, url: URL, request: TransportRequest): Promise<TransportResponse> {
  const { method, path, query, headers, body, signal } = request;
  return new Promise((resolve, reject) => {
    let stream: ClientHttp2Stream;
    try {
      const full = {
        ':method': method,
        ':path': url.pathname.replace(/\/$/, '') + path + formatQuery(query),
        ...headers,
      };
      stream = session.request(full, { endStream: body === undefined });
    } catch (cause) {
      return reject(markUnprocessed(unreachable(`sending to ${url.origin}: ${(cause as Error).message}`, cause)));
    }
    let failure: Error | undefined;
    // Listening from the start: a stream that ends before anybody reads it is thrown away with what it brought.
    const received = collectFrom(stream);
    const abort = (): void => stream.close(constants.NGHTTP2_CANCEL);
    signal?.addEventListener('abort', abort, { once: true });
    stream.on('error', (error) => (failure = error));
    stream.once('close', () => {
      signal?.removeEventListener('abort', abort);
      if (signal?.aborted) return reject(signal.reason);
      const error = unreachable(`${url.origin} broke off: ${failure?.message ?? 'the connection was lost'}`, failure);
      reject(stream.rstCode === constants.NGHTTP2_REFUSED_STREAM ? markUnprocessed(error) : error);
    });
    stream.once('response', (head) => {
      const chunks = chunksOf(stream, received, url, signal, () => failure);
      resolve({
        status: Number(head[':status']),
        headers: plainHeaders(head),
        body: chunks,
        text: () => collectText(chunks),
      });
    });
    if (body !== undefined) stream.end(body);
    if (signal?.aborted) abort();
  });
}

interface Received {
  /** What came and comes, until the stream ends; throws when it is closed before. */
  read(): AsyncGenerator<Uint8Array>;
}

/** Takes in what a stream brings, and makes it wait when too much is unread. */
function collectFrom(stream: ClientHttp2Stream): Received {
  let chunks: Uint8Array[] = [];
  let unreadBytes = 0;
  let hasEnded = false;
  let isClosed = false;
  let wake = (): void => undefined;
  stream.on('data', (chunk: Uint8Array) => {
    chunks.push(chunk);
    unreadBytes += chunk.length;
    if (unreadBytes >= mostUnreadBytes) stream.pause();
    wake();
  });
  stream.once('end', () => {
    hasEnded = true;
    wake();
  });
  stream.once('close', () => {
    isClosed = true;
    wake();
  });
  return {
    async *read() {
      for (;;) {
        const ready = chunks;
        chunks = [];
        unreadBytes = 0;
        stream.resume();
        yield* ready;
        if (chunks.length > 0) continue;
        if (hasEnded) return;
        if (isClosed) throw new Error('the stream was closed before its end');
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}

/** The body; a stream that is reset or whose session died throws instead of ending. */
async function* chunksOf(
  stream: ClientHttp2Stream,
  received: Received,
  url: URL,
  signal: AbortSignal | undefined,
  failureOf: () => Error | undefined,
): AsyncGenerator<Uint8Array> {
  const brokeOff = (cause?: unknown): Error =>
    signal?.aborted
      ? (signal.reason as Error)
      : unreachable(`${url.origin} broke off in the middle of an answer`, cause ?? failureOf());
  let finished = false;
  try {
    yield* received.read();
    finished = true;
  } catch (cause) {
    throw brokeOff(cause);
  } finally {
    if (!finished) stream.close(constants.NGHTTP2_CANCEL);
  }
  if (stream.aborted || (stream.rstCode ?? 0) !== constants.NGHTTP2_NO_ERROR || signal?.aborted) throw brokeOff();
}

function plainHeaders(received: IncomingHttpHeaders): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(received)) {
    if (!name.startsWith(':') && value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}
