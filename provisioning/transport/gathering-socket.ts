// A TCP connection whose writes of one turn leave together. The SSH library writes every packet as three or four pieces, and
// a connection without Nagle's delay sends each of them by itself: gathered, a megabyte is one system call instead of a
// hundred, and a command one segment instead of three. Nothing waits longer than the turn in which it was written.
import { connect, type Socket } from 'node:net';

/** Connects to `host`:`port`; an error or the connection comes as an event, as with any socket. */
export function connectGathering(host: string, port: number): Socket {
  const socket = connect({ host, port, noDelay: true });
  const write = socket.write.bind(socket);
  // As the library does with a socket of its own; and until it listens, a refused connection ends no process.
  socket.setMaxListeners(0).on('error', () => undefined);
  socket.write = ((...words: Parameters<typeof write>): boolean => {
    if (socket.writableCorked === 0) {
      socket.cork();
      process.nextTick(() => socket.uncork());
    }
    return write(...words);
  }) as Socket['write'];
  return socket;
}
