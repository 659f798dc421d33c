// The Engine's framing of two output streams in one connection: 8 bytes of header (stream, 0, 0, 0, length as big
// endian 32 bits), then that many bytes. Payload is passed on as it arrives, never collected; a full sink holds the
// source back. See the Docker Engine API, "Attach to a container", stream format.
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

const headerBytes = 8;
const stderrStream = 2;

/** Copies frames to their sinks until the source ends. Leaves the sinks open. */
export async function demultiplex(source: Readable, stdout: Writable, stderr: Writable): Promise<void> {
  let header = Buffer.alloc(0);
  let payloadLeft = 0;
  let sink = stdout;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    let rest = chunk;
    while (rest.length > 0) {
      if (payloadLeft === 0) {
        const missing = headerBytes - header.length;
        header = Buffer.concat([header, rest.subarray(0, missing)]);
        rest = rest.subarray(missing);
        if (header.length < headerBytes) break;
        sink = header.readUInt8(0) === stderrStream ? stderr : stdout;
        payloadLeft = header.readUInt32BE(4);
        header = Buffer.alloc(0);
        continue;
      }
      const payload = rest.subarray(0, payloadLeft);
      payloadLeft -= payload.length;
      rest = rest.subarray(payload.length);
      await write(sink, payload);
    }
  }
}

/** Copies without frames, as with a tty. */
export async function copyRaw(source: Readable, sink: Writable): Promise<void> {
  for await (const chunk of source as AsyncIterable<Buffer>) await write(sink, chunk);
}

async function write(sink: Writable, payload: Buffer): Promise<void> {
  if (sink.destroyed || sink.writableEnded) return;
  if (sink.write(payload)) return;
  const closed = new AbortController();
  const options = { signal: closed.signal };
  const leave = (): undefined => undefined;
  await Promise.race([once(sink, 'drain', options).catch(leave), once(sink, 'close', options).catch(leave)]);
  closed.abort();
}
