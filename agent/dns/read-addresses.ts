// Looks up the target of an ExternalName at the upstream resolvers and reads its answer as records.
import { formatIpv4 } from '../network/cidr.ts';
import type { Upstream } from './upstream.ts';
import { encodeQuery, parseQuery, recordTypes, responseCodes } from './wire.ts';
import type { DnsAnswer, DnsRecord } from './wire.ts';

/** Follows compression pointers, which only ever lead backwards (RFC 1035, 4.1.4); throws when they do not. */
function readName(bytes: Buffer, start: number): { name: string; end: number } {
  const labels: string[] = [];
  let at = start;
  let end: number | undefined;
  for (;;) {
    const length = bytes.readUInt8(at);
    if (length >= 0xc0) {
      const target = bytes.readUInt16BE(at) & 0x3fff;
      if (target >= at) throw new RangeError('a name points forwards');
      end ??= at + 2;
      at = target;
    } else if (length === 0) return { name: labels.join('.'), end: end ?? at + 1 };
    else {
      labels.push(bytes.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
  }
}

/** The addresses and aliases among a response's answers. Throws on a malformed one. */
export function readAnswers(bytes: Buffer, questionEnd: number): DnsRecord[] {
  const records: DnsRecord[] = [];
  let at = questionEnd;
  for (let count = bytes.readUInt16BE(6); count > 0; count--) {
    const { name, end } = readName(bytes, at);
    const type = bytes.readUInt16BE(end);
    const ttl = bytes.readUInt32BE(end + 4);
    const length = bytes.readUInt16BE(end + 8);
    const data = end + 10;
    if (type === recordTypes.A) records.push({ type: 'A', name, ttl, address: formatIpv4(bytes.readUInt32BE(data)) });
    if (type === recordTypes.CNAME) records.push({ type: 'CNAME', name, ttl, target: readName(bytes, data).name });
    at = data + length;
  }
  return records;
}

/** The addresses (and aliases on the way) of a foreign name; none when upstream does not answer. */
export async function readAddresses(upstream: Upstream, name: string, type: number): Promise<DnsAnswer> {
  const nothing: DnsAnswer = { code: responseCodes.NOERROR, authoritative: false, answers: [] };
  if (type !== recordTypes.A && type !== recordTypes.AAAA) return nothing;
  const message = encodeQuery(name, type);
  const query = parseQuery(message);
  if (query === undefined) return nothing;
  const response = upstream.recall(message, query) ?? (await upstream.ask(message, query));
  if (response === undefined) return nothing;
  try {
    return { ...nothing, answers: readAnswers(response, query.questionEnd) };
  } catch {
    return nothing; // malformed: our alias alone is still true
  }
}
