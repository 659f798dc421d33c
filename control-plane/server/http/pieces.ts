// Large answers leave in pieces of one size, in memory that is used again: fresh memory for every piece would cost more
// than copying into it. A few pieces are under way at a time, so that an answer is never in memory as a whole and the
// client reads one piece while the next is made.
import { ServerResponse } from 'node:http';
import type { NodeResponse } from './exchange.ts';

/** Eight TLS records; as much as leaves Node's TLS in one system call. */
export const pieceBytes: number = 128 * 1024;
/** How many pieces of one answer may wait for their client. */
const mostUnderWay = 4;
const mostFree = 8;
const free: Buffer[] = [];

/** Sends parts in a row behind headers that say how long they are, as fast as the client takes them, and ends the answer. */
export async function sendInPieces(response: NodeResponse, parts: Iterable<Uint8Array>): Promise<void> {
  const sink = openSink(response);
  let piece = sink.take();
  let used = 0;
  for (const part of parts) {
    for (let at = 0; at < part.length;) {
      const size = Math.min(pieceBytes - used, part.length - at);
      piece.set(size === part.length ? part : part.subarray(at, at + size), used);
      used += size;
      at += size;
      if (used < pieceBytes) continue;
      await sink.write(piece, used);
      if (response.destroyed) return;
      piece = sink.take();
      used = 0;
    }
  }
  if (used > 0) void sink.write(piece, used);
  response.end();
}

interface Sink {
  take(): Buffer;
  /** Resolves when the next piece may come, or the client is gone. */
  write(piece: Buffer, used: number): Promise<void> | undefined;
}

function openSink(response: NodeResponse): Sink {
  // Over HTTP/1.1 pieces go to the socket itself: Node's response would join those of one turn, copying them once more.
  const socket = response instanceof ServerResponse ? response.socket : null;
  if (socket) response.flushHeaders();
  const target = socket ?? response;
  // A reader in this process keeps what it is given; a socket has copied it when it calls back.
  const isReused = (response as Partial<NodeResponse>).socket != null;
  let underWay = 0;
  let proceed: (() => void) | undefined;
  const room = (): void => {
    proceed?.();
    proceed = undefined;
  };
  response.once('close', room);
  return {
    take: () => (isReused ? free.pop() : undefined) ?? Buffer.allocUnsafeSlow(pieceBytes),
    write(piece, used) {
      underWay++;
      target.write(used === pieceBytes ? piece : piece.subarray(0, used), (error?: Error | null) => {
        underWay--;
        if (isReused && !error && free.length < mostFree) free.push(piece);
        room();
      });
      if (underWay < mostUnderWay || response.destroyed) return undefined;
      return new Promise((resolve) => (proceed = resolve));
    },
  };
}
