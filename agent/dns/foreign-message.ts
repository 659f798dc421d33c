// Other servers' responses, kept as bytes so that every record type passes unchanged: where their TTLs stand, and a copy
// with another id, the asker's spelling of the name and aged TTLs. Pure.
import { recordTypes, responseCodes } from './wire.ts';

export interface KeptResponse {
  readonly bytes: Buffer;
  readonly ttlOffsets: readonly number[];
  /** How long it may be remembered: its smallest TTL, or what the SOA says of a negative answer (RFC 2308). */
  readonly ttlSeconds: number;
}

const longestTtlSeconds = 3600;
const longestNegativeSeconds = 30;

function skipName(bytes: Buffer, start: number): number {
  let at = start;
  for (;;) {
    const length = bytes[at] ?? 0;
    if (length >= 0xc0) return at + 2;
    if (length === 0) return at + 1;
    at += length + 1;
  }
}

/** Reads what is needed to keep a response; undefined when it is malformed, truncated or says nothing to remember. */
export function readResponse(bytes: Buffer): KeptResponse | undefined {
  try {
    const flags = bytes.readUInt16BE(2);
    const code = flags & 15;
    let at = 12;
    for (let count = bytes.readUInt16BE(4); count > 0; count--) at = skipName(bytes, at) + 4;
    const answers = bytes.readUInt16BE(6);
    const records = answers + bytes.readUInt16BE(8) + bytes.readUInt16BE(10);
    const ttlOffsets: number[] = [];
    let smallest = longestTtlSeconds;
    let negative = 0;
    for (let index = 0; index < records; index++) {
      at = skipName(bytes, at);
      const type = bytes.readUInt16BE(at);
      const ttl = bytes.readUInt32BE(at + 4);
      const length = bytes.readUInt16BE(at + 8);
      if (type !== recordTypes.OPT) {
        ttlOffsets.push(at + 4);
        smallest = Math.min(smallest, ttl);
      }
      if (type === recordTypes.SOA) negative = Math.min(ttl, bytes.readUInt32BE(at + 10 + length - 4));
      at += 10 + length;
    }
    if (at > bytes.length) return undefined;
    const isNegative = code === responseCodes.NXDOMAIN || (code === responseCodes.NOERROR && answers === 0);
    const ttlSeconds = isNegative ? Math.min(negative, longestNegativeSeconds) : smallest;
    const cacheable = (flags & 0x0200) === 0 && (isNegative || code === responseCodes.NOERROR);
    return { bytes, ttlOffsets, ttlSeconds: cacheable ? ttlSeconds : 0 };
  } catch {
    return undefined;
  }
}

/** The response for another asker: its id and question, TTLs less the seconds since it was received. */
export function copyResponse(kept: KeptResponse, query: Buffer, questionEnd: number, ageSeconds: number): Buffer {
  const copy = Buffer.from(kept.bytes);
  copy.writeUInt16BE(query.readUInt16BE(0), 0);
  query.copy(copy, 12, 12, questionEnd);
  for (const offset of kept.ttlOffsets) {
    copy.writeUInt32BE(Math.max(0, copy.readUInt32BE(offset) - ageSeconds), offset);
  }
  return copy;
}

/** A response that does not fit into UDP: its header and question, marked truncated. */
export function truncateResponse(response: Buffer, questionEnd: number): Buffer {
  const cut = Buffer.from(response.subarray(0, questionEnd));
  cut.writeUInt16BE(cut.readUInt16BE(2) | 0x0200, 2);
  for (const section of [6, 8, 10]) cut.writeUInt16BE(0, section);
  return cut;
}
