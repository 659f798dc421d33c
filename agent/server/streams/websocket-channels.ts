// Exec channels over a WebSocket: every message begins with its channel's number. v5 adds an explicit end of a channel,
// so that a client can close its input and still read the rest.
import { PassThrough, Writable } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Cancel, Clock } from '../../../machinery/clock.ts';
import { parseResize } from './channels.ts';
import type { ExecChannels, TerminalSize } from './channels.ts';

export const execProtocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'] as const;

const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;
const normalClosure = 1000;
const pingMs = 10_000;

export function websocketChannels(socket: WebSocket, clock: Clock): ExecChannels {
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
    const bytes = isBinary ? data : Buffer.from(data);
    const payload = bytes.subarray(1);
    if (bytes[0] === channel.stdin && !stdin.writableEnded) {
      if (!stdin.write(payload)) pauseUntilDrained(socket, stdin);
    } else if (bytes[0] === channel.resize) {
      const size = parseResize(payload.toString());
      if (size !== undefined) for (const listener of resizeListeners) listener(size);
    } else if (bytes[0] === channel.close && payload[0] === channel.stdin) {
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
    stdout: channelWriter(socket, channel.stdout),
    stderr: channelWriter(socket, channel.stderr),
    onResize: (listener) => void resizeListeners.add(listener),
    onClose: (listener) => void closeListeners.add(listener),
    async finish(status) {
      await send(socket, channel.error, Buffer.from(JSON.stringify(status)));
      socket.close(normalClosure);
    },
  };
}

function pauseUntilDrained(socket: WebSocket, stdin: PassThrough): void {
  socket.pause();
  stdin.once('drain', () => socket.resume());
}

/** Each chunk is one message; the chunk counts as written when the connection has taken it. */
export function channelWriter(socket: WebSocket, number: number): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      void send(socket, number, chunk).then(() => done());
    },
  });
}

/** Resolves also when the client has gone: nobody is left to tell. */
function send(socket: WebSocket, number: number, payload: Buffer): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readyState !== socket.OPEN) return resolve();
    socket.send(Buffer.concat([Buffer.from([number]), payload]), { binary: true }, () => resolve());
  });
}
