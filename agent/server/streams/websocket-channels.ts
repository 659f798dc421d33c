// Exec channels over a WebSocket: every message begins with its channel's number. v5 adds an explicit end of a channel,
// so that a client can close its input and still read the rest. Before v4 the error channel says nothing when all went
// well, and plain words otherwise. The base64 protocols are text: a digit, and the payload in base64.
import { PassThrough, Writable } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Cancel, Clock } from '../../../machinery/clock.ts';
import { parseResize } from './channels.ts';
import type { ExecChannels, TerminalSize } from './channels.ts';

export const execProtocols = [
  'v5.channel.k8s.io',
  'v4.channel.k8s.io',
  'v4.base64.channel.k8s.io',
  'channel.k8s.io',
  'base64.channel.k8s.io',
  '',
] as const;
export type ExecProtocol = (typeof execProtocols)[number];

const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;
const normalClosure = 1000;
const pingMs = 10_000;

interface Framing {
  readonly isText: boolean;
  /** The error channel carries a Status object. */
  readonly hasStatus: boolean;
}

function framingOf(protocol: ExecProtocol): Framing {
  return { isText: protocol.includes('base64'), hasStatus: /^v[45]\./.test(protocol) };
}

export function websocketChannels(socket: WebSocket, protocol: ExecProtocol, clock: Clock): ExecChannels {
  const framing = framingOf(protocol);
  const stdin = new PassThrough();
  const resizeListeners = new Set<(size: TerminalSize) => void>();
  const closeListeners = new Set<() => void>();
  let stopPings: Cancel = () => undefined;
  const ping = (): void => {
    stopPings = clock.setTimeout(() => {
      socket.ping();
      ping();
    }, pingMs);
  };
  ping();

  socket.on('message', (data: Buffer, isBinary) => {
    const { number, payload } = readMessage(isBinary ? data : Buffer.from(data), framing);
    if (number === channel.stdin && !stdin.writableEnded) {
      if (!stdin.write(payload)) pauseUntilDrained(socket, stdin);
    } else if (number === channel.resize) {
      const size = parseResize(payload.toString());
      if (size !== undefined) for (const listener of resizeListeners) listener(size);
    } else if (number === channel.close && payload[0] === channel.stdin) {
      stdin.end();
    }
  });
  socket.on('close', () => {
    stopPings();
    stdin.end();
    for (const listener of closeListeners) listener();
  });
  socket.on('error', () => socket.terminate());

  return {
    stdin,
    stdout: channelWriter(socket, channel.stdout, framing),
    stderr: channelWriter(socket, channel.stderr, framing),
    onResize: (listener) => void resizeListeners.add(listener),
    onClose: (listener) => void closeListeners.add(listener),
    async finish(status) {
      if (framing.hasStatus) await send(socket, channel.error, Buffer.from(JSON.stringify(status)), framing);
      else if (status.status !== 'Success')
        await send(socket, channel.error, Buffer.from(status.message ?? ''), framing);
      socket.close(normalClosure);
    },
  };
}

function readMessage(message: Buffer, { isText }: Framing): { number: number | undefined; payload: Buffer } {
  if (!isText) return { number: message[0], payload: message.subarray(1) };
  return {
    number: Number(message.subarray(0, 1).toString('latin1')),
    payload: Buffer.from(message.subarray(1).toString('latin1'), 'base64'),
  };
}

function pauseUntilDrained(socket: WebSocket, stdin: PassThrough): void {
  socket.pause();
  stdin.once('drain', () => socket.resume());
}

/** Each chunk is one message; the chunk counts as written when the connection has taken it. */
const binary: Framing = { isText: false, hasStatus: true };

export function channelWriter(socket: WebSocket, number: number, framing = binary): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      void send(socket, number, chunk, framing).then(() => done());
    },
  });
}

/** Resolves also when the client has gone: nobody is left to tell. */
function send(socket: WebSocket, number: number, payload: Buffer, { isText }: Framing): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readyState !== socket.OPEN) return resolve();
    const message = isText ? `${number}${payload.toString('base64')}` : Buffer.concat([Buffer.from([number]), payload]);
    socket.send(message, { binary: !isText }, () => resolve());
  });
}
