// Exec channels over SPDY/3.1: the client opens one stream per channel, named by its `streamtype` header; the command
// begins when all that were announced are there.
import { PassThrough } from 'node:stream';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../../machinery/clock.ts';
import type { StreamChoice } from '../exec.ts';
import { HttpError } from '../http-error.ts';
import { serveSpdy } from '../spdy/connection.ts';
import type { SpdyStream } from '../spdy/connection.ts';
import { parseResize } from './channels.ts';
import type { ExecChannels } from './channels.ts';

const openingTimeoutMs = 30_000;

export async function spdyChannels(socket: Duplex, streams: StreamChoice, clock: Clock): Promise<ExecChannels> {
  const expected = [
    'error',
    ...(['stdin', 'stdout', 'stderr'] as const).filter((name) => streams[name]),
    ...(streams.tty ? ['resize'] : []),
  ];
  const opened = new Map<string, SpdyStream>();
  const complete = Promise.withResolvers<void>();
  const connection = serveSpdy(socket, (stream) => {
    opened.set(stream.headers['streamtype'] ?? '', stream);
    if (expected.every((name) => opened.has(name))) complete.resolve();
  });
  const stopWaiting = clock.setTimeout(
    () => complete.reject(new HttpError(408, 'the client did not open its streams')),
    openingTimeoutMs,
  );
  socket.once('close', () => complete.reject(new HttpError(400, 'the client went away')));
  try {
    await complete.promise;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    stopWaiting();
  }
  const missing = (): PassThrough => new PassThrough().end();
  return {
    stdin: opened.get('stdin') ?? missing(),
    stdout: opened.get('stdout') ?? missing(),
    stderr: opened.get('stderr') ?? missing(),
    onResize(listener) {
      opened.get('resize')?.on('data', (data: Buffer) => {
        for (const line of data.toString().split('\n')) {
          const size = parseResize(line);
          if (size !== undefined) listener(size);
        }
      });
    },
    onClose: (listener) => void socket.once('close', listener),
    async finish(status) {
      const error = opened.get('error');
      await new Promise<void>((resolve) => {
        if (error === undefined || error.destroyed) resolve();
        else error.end(JSON.stringify(status), resolve);
      });
      connection.close();
    },
  };
}
