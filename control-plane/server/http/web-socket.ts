// Answers over WebSocket (RFC 6455) for clients that cannot read a streamed answer: browsers. What is written leaves as
// messages, with back-pressure; what the client sends is ignored, and its going away closes the stream.
import { Writable } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { badRequest } from '../../../api/meta/status.ts';
import { bearerProtocolPrefix } from '../authentication/authenticator.ts';
import type { Exchange } from './exchange.ts';

/** Clients of these streams have nothing to say; more than this cuts them. */
const mostReceivedBytes = 64 * 1024;
/** As much as may wait for a slow reader before its writer is told to wait. */
const highWaterBytes = 1024 * 1024;

const sockets = new WebSocketServer({
  noServer: true,
  maxPayload: mostReceivedBytes,
  perMessageDeflate: false,
  handleProtocols: (_offered, request) => (request as { chosenProtocol?: string }).chosenProtocol ?? false,
});

/** Whether the client wants to leave HTTP for WebSocket. Throws BadRequest for a handshake that cannot be answered. */
export function wantsWebSocket(exchange: Exchange): boolean {
  const { upgrade, headers } = exchange;
  if (upgrade === undefined || (headers.upgrade ?? '').toLowerCase() !== 'websocket') return false;
  checkHandshake(exchange);
  return true;
}

/** The subprotocols that a client offers, without the one that carries its token. */
export function offeredProtocols({ headers }: Exchange): string[] {
  return (headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '' && !one.startsWith(bearerProtocolPrefix));
}

/** A text goes out as a text message, bytes as a binary one. */
export type Message = string | Uint8Array;

/** A stream whose writes leave as messages. */
export interface MessageStream extends Writable {
  /** Sends one message that is not part of what is written. */
  send(message: Message): void;
}

/**
 * Accepts the upgrade in `protocol` ('' for none) and returns where to write; `messagesOf` says what messages a write
 * is. Ends with a normal close. Only for who `wantsWebSocket`.
 */
export async function acceptMessages(
  exchange: Exchange,
  protocol: string,
  messagesOf: (bytes: Buffer) => readonly Message[],
): Promise<MessageStream> {
  const { upgrade, request } = exchange;
  if (upgrade === undefined) throw badRequest('Upgrade request required');
  Object.assign(request, { chosenProtocol: protocol === '' ? undefined : protocol });
  const { socket, head } = upgrade.take();
  const accepted = await new Promise<WebSocket | undefined>((resolve) => {
    socket.once('close', () => resolve(undefined));
    sockets.handleUpgrade(request as Parameters<typeof sockets.handleUpgrade>[0], socket, head, resolve);
  });
  return new MessageWriter(accepted, messagesOf);
}

/** What the handshake must hold is checked while the refusal can still be a Status. */
function checkHandshake({ headers, method }: Exchange): void {
  const key = headers['sec-websocket-key'];
  const version = headers['sec-websocket-version'];
  if (
    method !== 'GET' ||
    key === undefined ||
    !/^[+/0-9A-Za-z]{22}==$/.test(key) ||
    (version !== '13' && version !== '8')
  )
    throw badRequest('the WebSocket handshake is malformed: Sec-WebSocket-Key and Sec-WebSocket-Version 13 are needed');
}

class MessageWriter extends Writable implements MessageStream {
  readonly #socket: WebSocket | undefined;
  readonly #messagesOf: (bytes: Buffer) => readonly Message[];

  constructor(socket: WebSocket | undefined, messagesOf: (bytes: Buffer) => readonly Message[]) {
    super({ decodeStrings: true, highWaterMark: highWaterBytes });
    this.#socket = socket;
    this.#messagesOf = messagesOf;
    this.on('error', () => undefined);
    socket?.on('error', () => socket.terminate());
    socket?.on('close', () => this.destroy());
    if (socket === undefined) this.destroy();
  }

  send(message: Message): void {
    if (!this.destroyed) this.#socket?.send(message);
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const messages = this.#messagesOf(bytes);
    if (messages.length === 0) return done();
    messages.forEach((message, index) =>
      this.#socket?.send(message, index < messages.length - 1 ? undefined : (error) => done(error ?? null)),
    );
  }

  override _final(done: () => void): void {
    this.#socket?.close(1000);
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    // A peer that does not answer the close is not waited for.
    if (error !== null || this.#socket?.readyState === 1) this.#socket?.terminate();
    done(error);
  }
}
