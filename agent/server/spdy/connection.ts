// The serving side of SPDY/3.1 as Kubernetes' clients speak it (exec and port-forward): the client opens streams, both
// sides send data on them. Flow control frames are ignored, as those clients do; a reader that is slow holds the whole
// connection back.
import { Duplex } from 'node:stream';
import { createHeaderReader, createHeaderWriter } from './header-block.ts';
import type { Headers } from './header-block.ts';

export interface SpdyStream extends Duplex {
  readonly headers: Headers;
}

const type = { synStream: 1, synReply: 2, rstStream: 3, settings: 4, ping: 6, goAway: 7, headers: 8, windowUpdate: 9 };
const version = 3;
const flagFin = 1;
const frameHeaderBytes = 8;
const largestFrameBytes = 16 * 1024 * 1024;
const largestWriteBytes = 1024 * 1024;
const cancelled = 5;

/** Serves the connection until it closes. `onStream` is called for each stream that the client opens. */
export function serveSpdy(socket: Duplex, onStream: (stream: SpdyStream) => void): { close(): void } {
  const streams = new Map<number, SpdyStream>();
  const readHeaders = createHeaderReader();
  const writeHeaders = createHeaderWriter();
  const full = new Set<number>();

  const send = (frame: Buffer, done?: () => void): void => {
    if (socket.destroyed || socket.writableEnded) done?.();
    else socket.write(frame, () => done?.());
  };

  const open = async (id: number, block: Buffer, isFinal: boolean): Promise<void> => {
    const headers = await readHeaders(block);
    const stream = makeStream(id, headers);
    streams.set(id, stream);
    send(controlFrame(type.synReply, 0, Buffer.concat([uint32(id), await writeHeaders({})])));
    onStream(stream);
    if (isFinal) stream.push(null);
  };

  const makeStream = (id: number, headers: Headers): SpdyStream => {
    const stream = new Duplex({
      allowHalfOpen: true,
      read: () => {
        if (full.delete(id) && full.size === 0) socket.resume();
      },
      write: (chunk: Buffer, _encoding, done) => {
        for (let at = 0; at < chunk.length; at += largestWriteBytes) {
          const part = chunk.subarray(at, at + largestWriteBytes);
          const isLast = at + part.length >= chunk.length;
          send(dataFrame(id, 0, part), isLast ? () => done() : undefined);
        }
        if (chunk.length === 0) done();
      },
      final: (done) => {
        send(dataFrame(id, flagFin, Buffer.alloc(0)), () => done());
      },
      destroy: (error, done) => {
        if (error !== null) send(controlFrame(type.rstStream, 0, Buffer.concat([uint32(id), uint32(cancelled)])));
        streams.delete(id);
        if (full.delete(id) && full.size === 0) socket.resume();
        done(error);
      },
    });
    stream.on('error', () => undefined); // a stream that breaks ends alone
    return Object.assign(stream, { headers });
  };

  const onData = (id: number, flags: number, payload: Buffer): void => {
    const stream = streams.get(id);
    if (stream === undefined || stream.readableEnded) return;
    if (payload.length > 0 && !stream.push(payload)) {
      full.add(id);
      socket.pause();
    }
    if ((flags & flagFin) !== 0) stream.push(null);
  };

  const onControl = async (kind: number, flags: number, payload: Buffer): Promise<void> => {
    if (kind === type.synStream)
      return open(payload.readUInt32BE(0) & 0x7fffffff, payload.subarray(10), (flags & flagFin) !== 0);
    if (kind === type.headers) return void (await readHeaders(payload.subarray(4))); // keeps the compression state in step
    if (kind === type.ping) return send(controlFrame(type.ping, 0, payload));
    if (kind === type.rstStream) streams.get(payload.readUInt32BE(0) & 0x7fffffff)?.destroy();
    if (kind === type.goAway) socket.end();
  };

  const serve = async (): Promise<void> => {
    let buffered: Buffer = Buffer.alloc(0);
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      buffered = buffered.length === 0 ? chunk : Buffer.concat([buffered, chunk]);
      while (buffered.length >= frameHeaderBytes) {
        const flags = buffered.readUInt8(4);
        const size = buffered.readUIntBE(5, 3);
        if (size > largestFrameBytes) throw new RangeError('a SPDY frame is too large');
        if (buffered.length < frameHeaderBytes + size) break;
        const payload = buffered.subarray(frameHeaderBytes, frameHeaderBytes + size);
        const isControl = (buffered.readUInt8(0) & 0x80) !== 0;
        if (isControl) await onControl(buffered.readUInt16BE(2), flags, payload);
        else onData(buffered.readUInt32BE(0), flags, payload);
        buffered = buffered.subarray(frameHeaderBytes + size);
      }
    }
  };
  const end = (): void => {
    for (const stream of streams.values()) stream.destroy();
    socket.destroy();
  };
  serve().then(end, end);

  return { close: () => void socket.end(controlFrame(type.goAway, 0, Buffer.concat([uint32(0), uint32(0)]))) };
}

function controlFrame(kind: number, flags: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(frameHeaderBytes);
  header.writeUInt16BE(0x8000 | version, 0);
  header.writeUInt16BE(kind, 2);
  header.writeUInt8(flags, 4);
  header.writeUIntBE(payload.length, 5, 3);
  return Buffer.concat([header, payload]);
}

function dataFrame(id: number, flags: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(frameHeaderBytes);
  header.writeUInt32BE(id, 0);
  header.writeUInt8(flags, 4);
  header.writeUIntBE(payload.length, 5, 3);
  return Buffer.concat([header, payload]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
