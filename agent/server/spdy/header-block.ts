// Name-value header blocks of SPDY/3, compressed: one compression state per direction for the whole connection, so blocks
// must be packed and unpacked in the order of their frames. Each call waits for the ones before it.
import { constants, createDeflate, createInflate } from 'node:zlib';
import type { Deflate, Inflate } from 'node:zlib';
import { spdyDictionary } from './dictionary.data.ts';

export type Headers = Readonly<Record<string, string>>;

const largestBlockBytes = 64 * 1024;

/** Unpacks blocks in order; rejects what is no header block. */
export function createHeaderReader(): (block: Buffer) => Promise<Headers> {
  const inflate = createInflate({ dictionary: spdyDictionary, finishFlush: constants.Z_SYNC_FLUSH });
  const run = inOrder(inflate);
  return async (block) => decodeHeaders(await run(block));
}

/** Packs blocks in order. */
export function createHeaderWriter(): (headers: Headers) => Promise<Buffer> {
  const deflate = createDeflate({ dictionary: spdyDictionary });
  const run = inOrder(deflate);
  return (headers) => run(encodeHeaders(headers));
}

/** Feeds one block at a time through the state and collects what comes out for it. */
function inOrder(state: Deflate | Inflate): (input: Buffer) => Promise<Buffer> {
  let last: Promise<unknown> = Promise.resolve();
  let collected: Buffer[] = [];
  let fail: ((error: Error) => void) | undefined;
  state.on('data', (chunk: Buffer) => collected.push(chunk));
  state.on('error', (error) => fail?.(error));
  const one = (input: Buffer): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      collected = [];
      fail = reject;
      state.write(input);
      state.flush(constants.Z_SYNC_FLUSH, () => {
        // `flush` calls back when the state has produced; its output is emitted in the same turn or the next.
        setImmediate(() => resolve(Buffer.concat(collected)));
      });
    });
  return (input) => {
    const result = last.then(() => one(input));
    last = result.catch(() => undefined);
    return result;
  };
}

/** Pure. */
export function encodeHeaders(headers: Headers): Buffer {
  const parts: Buffer[] = [length(Object.keys(headers).length)];
  for (const [name, value] of Object.entries(headers)) {
    for (const text of [name.toLowerCase(), value]) parts.push(length(Buffer.byteLength(text)), Buffer.from(text));
  }
  return Buffer.concat(parts);
}

/** Names in lower case; several values of a name are joined by NUL, as on the wire. Pure. */
export function decodeHeaders(block: Buffer): Headers {
  if (block.length > largestBlockBytes) throw new Error('a SPDY header block is too large');
  const headers: Record<string, string> = {};
  let at = 4;
  const text = (): string => {
    const size = block.readUInt32BE(at);
    if (at + 4 + size > block.length) throw new RangeError('a SPDY header block is cut off');
    const found = block.toString('utf8', at + 4, at + 4 + size);
    at += 4 + size;
    return found;
  };
  for (let left = block.readUInt32BE(0); left > 0; left--) {
    const name = text().toLowerCase();
    headers[name] = text();
  }
  return headers;
}

function length(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
