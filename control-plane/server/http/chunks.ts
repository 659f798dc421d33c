// Pieces of streamed answers that many connections get at once. Over HTTP/1.1 a piece is framed as one chunk (RFC 9112
// §7.1) once for everybody and goes to each socket in one write; Node's own would frame it, and write three parts, for each.
import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import type { NodeResponse } from './exchange.ts';

/** Bytes in a row: plain, and framed as an HTTP/1.1 chunk around the same memory. */
export interface Chunk {
  readonly bytes: Buffer;
  readonly framed: Buffer;
}

const lineEnd = '\r\n';

/** Joins parts into one chunk; at least one byte is needed, because an empty chunk would end the answer. */
export function createChunk(parts: readonly Uint8Array[]): Chunk {
  let length = 0;
  for (const part of parts) length += part.length;
  const head = `${length.toString(16)}${lineEnd}`;
  const framed = Buffer.allocUnsafe(head.length + length + lineEnd.length);
  let at = framed.write(head, 0, 'latin1');
  for (const part of parts) {
    framed.set(part, at);
    at += part.length;
  }
  framed.write(lineEnd, at, 'latin1');
  return { bytes: framed.subarray(head.length, head.length + length), framed };
}

/** Where chunks go. */
export interface ChunkWriter {
  /** Whether more may be written at once; otherwise wait for `drained`. */
  write(chunk: Chunk): boolean;
  readonly needsDrain: boolean;
  /** Resolves when the peer has caught up, is gone, or the signal aborts. */
  drained(signal: AbortSignal): Promise<void>;
}

/** A writer on an answer whose head has been sent. */
export function createChunkWriter(response: Writable): ChunkWriter {
  const socket = chunkedSocketOf(response);
  const target = socket ?? response;
  return {
    write(chunk) {
      if (response.destroyed || response.writableEnded) return true;
      return socket === undefined ? response.write(chunk.bytes) : socket.write(chunk.framed);
    },
    get needsDrain() {
      return target.writableNeedDrain;
    },
    async drained(signal) {
      if (signal.aborted || target.destroyed) return;
      await new Promise<void>((resolve) => {
        const done = (): void => {
          target.off('drain', done);
          response.off('close', done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        target.once('drain', done);
        response.once('close', done);
        signal.addEventListener('abort', done, { once: true });
      });
    },
  };
}

/** The socket of an HTTP/1.1 answer in chunks; absent for HTTP/2, in-process answers, and those that wait for their turn. */
function chunkedSocketOf(response: Writable): Socket | undefined {
  const { chunkedEncoding, socket } = response as Partial<Pick<NodeResponse, 'chunkedEncoding' | 'socket'>>;
  return chunkedEncoding === true && socket ? socket : undefined;
}
