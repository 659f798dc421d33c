// Header compression (RFC 7541) as far as a gRPC client needs it: requests are sent as plain literals, and answers are
// read without a dynamic table, because our SETTINGS allow none. Whole header blocks that came before are remembered.
import { decodeHuffman } from './huffman.ts';

/** Field names are lower case; of a name that comes twice the last value counts. */
export type Headers = Readonly<Record<string, string>>;

/** What an answer's header block breaks when it does not follow RFC 7541: the connection cannot go on. */
export class MalformedHeaders extends Error {}

const staticTable: readonly (readonly [string, string])[] = [
  ':authority|',
  ':method|GET',
  ':method|POST',
  ':path|/',
  ':path|/index.html',
  ':scheme|http',
  ':scheme|https',
  ...['200', '204', '206', '304', '400', '404', '500'].map((status) => `:status|${status}`),
  'accept-charset|',
  'accept-encoding|gzip, deflate',
  ...(
    'accept-language accept-ranges accept access-control-allow-origin age allow authorization cache-control ' +
    'content-disposition content-encoding content-language content-length content-location content-range content-type ' +
    'cookie date etag expect expires from host if-match if-modified-since if-none-match if-range if-unmodified-since ' +
    'last-modified link location max-forwards proxy-authenticate proxy-authorization range referer refresh retry-after ' +
    'server set-cookie strict-transport-security transfer-encoding user-agent vary via www-authenticate'
  )
    .split(' ')
    .map((name) => `${name}|`),
].map((line) => {
  const bar = line.indexOf('|');
  return [line.slice(0, bar), line.slice(bar + 1)] as const;
});

/** A header block of literals that no table remembers. */
export function encodeHeaders(headers: readonly (readonly [string, string])[]): Buffer {
  const parts: Buffer[] = [];
  for (const [name, value] of headers) {
    parts.push(Buffer.of(0x00), literal(name), literal(value));
  }
  return Buffer.concat(parts);
}

function literal(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  if (bytes.length < 0x7f) return Buffer.concat([Buffer.of(bytes.length), bytes]);
  const length: number[] = [0x7f];
  let rest = bytes.length - 0x7f;
  for (; rest >= 0x80; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
  length.push(rest);
  return Buffer.concat([Buffer.from(length), bytes]);
}

const mostRemembered = 64;

/** Reads the header blocks of one connection. */
export class HeaderReader {
  readonly #known = new Map<string, Headers>();

  read(block: Buffer): Headers {
    const id = block.toString('latin1');
    let headers = this.#known.get(id);
    if (headers === undefined) {
      headers = decodeHeaders(block);
      if (this.#known.size < mostRemembered) this.#known.set(id, headers);
    }
    return headers;
  }
}

/** Decodes one block; throws MalformedHeaders. */
export function decodeHeaders(block: Buffer): Headers {
  const headers: Record<string, string> = {};
  let at = 0;

  const integer = (prefixBits: number): number => {
    const mask = (1 << prefixBits) - 1;
    let value = byteAt(block, at++) & mask;
    if (value < mask) return value;
    for (let shift = 0; ; shift += 7) {
      if (shift > 21) throw new MalformedHeaders('a number is too large');
      const byte = byteAt(block, at++);
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const text = (): string => {
    const isHuffman = (byteAt(block, at) & 0x80) !== 0;
    const length = integer(7);
    if (at + length > block.length) throw new MalformedHeaders('a string is cut short');
    const bytes = block.subarray(at, at + length);
    at += length;
    return isHuffman ? decodeHuffman(bytes) : bytes.toString('latin1');
  };

  while (at < block.length) {
    const first = byteAt(block, at);
    if ((first & 0x80) !== 0) {
      const [name, value] = entry(integer(7));
      headers[name] = value;
    } else if ((first & 0xe0) === 0x20) {
      integer(5); // the size of a table that stays empty
    } else {
      const index = integer((first & 0x40) !== 0 ? 6 : 4);
      const name = index === 0 ? text() : entry(index)[0];
      headers[name] = text();
    }
  }
  return headers;
}

function entry(index: number): readonly [string, string] {
  const found = staticTable[index - 1];
  if (found === undefined) throw new MalformedHeaders(`there is no header ${index} in the static table`);
  return found;
}

function byteAt(block: Buffer, at: number): number {
  const byte = block[at];
  if (byte === undefined) throw new MalformedHeaders('the block is cut short');
  return byte;
}
