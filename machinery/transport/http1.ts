// Requests over HTTP/1.1, for plain `http://` servers (a kubectl proxy) and for clusters behind something without HTTP/2.
import { Agent as HttpAgent, request as requestHttp } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import type { ConnectionOptions } from 'node:tls';
import type { Connection } from './connection.ts';
import type { TransportRequest, TransportResponse } from './contract.ts';
import { unreachable } from '../request.ts';
import { collectText } from './body.ts';
import { markUnprocessed } from './connection.ts';
import { formatQuery } from './contract.ts';

/** A pool of kept-alive sockets to one server; over TLS when options for it are given. */
export function createHttp1Connection(url: URL, tls: ConnectionOptions | undefined): Connection {
  const agentOptions = { keepAlive: true, keepAliveMsecs: 10_000, timeout: 0 };
  const agent = tls ? new HttpsAgent({ ...agentOptions, ...tls }) : new HttpAgent(agentOptions);
  let ended = false;

  const send = (request: TransportRequest): ClientRequest => {
    const { method, path, query, headers, body, signal } = request;
    const length: Record<string, number> = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const target = url.origin + url.pathname.replace(/\/$/, '') + path + formatQuery(query);
    const options = { method, headers: { ...headers, ...length }, agent, signal };
    const sent = tls ? requestHttps(target, options) : requestHttp(target, options);
    sent.end(body);
    return sent;
  };

  return {
    get ended() {
      return ended;
    },
    request: (request) =>
      new Promise<TransportResponse>((resolve, reject) => {
        const sent = send(request);
        sent.on('error', (cause: NodeJS.ErrnoException) => {
          if (request.signal?.aborted) return reject(request.signal.reason);
          const error = unreachable(`${url.origin}: ${cause.message}`, cause);
          reject(cause.syscall === 'connect' ? markUnprocessed(error) : error);
        });
        sent.once('response', (received) => {
          const chunks = chunksOf(received, url, request.signal);
          resolve({
            status: received.statusCode ?? 0,
            headers: plainHeaders(received),
            body: chunks,
            text: () => collectText(chunks),
          });
        });
      }),
    close() {
      ended = true;
      agent.destroy();
    },
  };
}

async function* chunksOf(
  received: IncomingMessage,
  url: URL,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  received.on('error', () => undefined);
  try {
    for await (const chunk of received) yield chunk as Uint8Array;
  } catch (cause) {
    if (signal?.aborted) throw signal.reason;
    throw unreachable(`${url.origin} broke off in the middle of an answer`, cause);
  } finally {
    received.destroy();
  }
}

function plainHeaders(received: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(received.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}
