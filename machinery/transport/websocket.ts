// WebSockets to an API server (exec, attach, port-forward), with backpressure on both sides.
import type { ConnectionOptions } from 'node:tls';
import { WebSocket } from 'ws';
import type { TransportRequest, Upgraded } from './contract.ts';
import { errorOfText, unreachable } from '../request.ts';
import { collectText } from './body.ts';
import { formatQuery } from './contract.ts';

const highWaterBytes = 1024 * 1024;

/** Opens a WebSocket; a refusal is the ApiError that the server answered. */
export function openWebSocket(
  server: string,
  tls: ConnectionOptions,
  request: Pick<TransportRequest, 'path' | 'query' | 'signal'>,
  protocols: readonly string[],
  headers: Readonly<Record<string, string>>,
  handshakeTimeout: number,
): Promise<Upgraded> {
  const { signal } = request;
  const url = server.replace(/^http/, 'ws') + request.path + formatQuery(request.query);
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, [...protocols], {
      ...(tls as object),
      headers,
      handshakeTimeout,
      perMessageDeflate: false,
      maxPayload: 64 * 1024 * 1024,
    });
    const abort = (): void => socket.terminate();
    signal?.addEventListener('abort', abort, { once: true });
    socket.once('close', () => signal?.removeEventListener('abort', abort));
    socket.on('error', (cause) =>
      reject(signal?.aborted ? signal.reason : unreachable(`${server}: ${cause.message}`, cause)),
    );
    socket.once('unexpected-response', (sent, received) => {
      const answer = collectText(received).catch(() => '');
      void answer.then((text) => {
        reject(errorOfText(text, received.statusCode ?? 500));
        sent.destroy();
      });
    });
    socket.once('open', () => resolve(upgradedOf(socket)));
    if (signal?.aborted) abort();
  });
}

/** The channel that an open WebSocket is; also used on the serving side. */
export function upgradedOf(socket: WebSocket): Upgraded {
  const received: Uint8Array[] = [];
  let queuedBytes = 0;
  let failure: Error | undefined;
  let isOpen = true;
  let wake = (): void => undefined;
  socket.on('message', (data) => {
    const message = Buffer.isBuffer(data) ? data : Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
    received.push(message);
    queuedBytes += message.length;
    if (queuedBytes > highWaterBytes) socket.pause();
    wake();
  });
  socket.on('error', (error) => (failure = error));
  socket.on('close', () => {
    isOpen = false;
    wake();
  });

  async function* messages(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        for (let message = received.shift(); message !== undefined; message = received.shift()) {
          queuedBytes -= message.length;
          if (socket.isPaused && queuedBytes < highWaterBytes / 2) socket.resume();
          yield message;
        }
        if (!isOpen) break;
        await new Promise<void>((resolve) => (wake = resolve));
      }
      if (failure) throw unreachable(`the connection broke: ${failure.message}`, failure);
    } finally {
      socket.close();
    }
  }

  return {
    protocol: socket.protocol,
    messages: messages(),
    send: (message) =>
      new Promise((resolve, reject) => {
        if (!isOpen) return reject(unreachable('the connection is closed', failure));
        socket.send(message, { binary: true }, (error) =>
          error ? reject(unreachable(error.message, error)) : resolve(),
        );
      }),
    close: () => socket.close(),
  };
}
