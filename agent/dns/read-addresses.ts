// Looks up the target of an ExternalName at the upstream resolvers and reads its answer as records.
import { decode, encode } from 'dns-packet';
import type { Upstream } from './upstream.ts';
import { parseQuery, recordTypes, responseCodes } from './wire.ts';
import type { DnsAnswer, DnsRecord } from './wire.ts';

const typeNames = new Map<number, 'A' | 'AAAA' | 'SRV' | 'TXT'>([
  [recordTypes.A, 'A'],
  [recordTypes.AAAA, 'AAAA'],
]);

/** The addresses (and aliases on the way) of a foreign name; an alias alone when upstream does not answer. */
export async function readAddresses(upstream: Upstream, name: string, type: number): Promise<DnsAnswer> {
  const nothing: DnsAnswer = { code: responseCodes.NOERROR, authoritative: false, answers: [] };
  const typeName = typeNames.get(type);
  if (typeName === undefined) return nothing;
  const message = encode({ type: 'query', id: 0, flags: 0x0100, questions: [{ type: typeName, name }] });
  const query = parseQuery(message);
  if (query === undefined) return nothing;
  const response = upstream.recall(message, query) ?? (await upstream.ask(message, query));
  if (response === undefined) return nothing;
  const answers: DnsRecord[] = [];
  for (const record of decode(response).answers ?? []) {
    const common = { name: record.name, ttl: 'ttl' in record ? (record.ttl ?? 0) : 0 };
    if (record.type === 'A') answers.push({ ...common, type: 'A', address: record.data });
    if (record.type === 'CNAME') answers.push({ ...common, type: 'CNAME', target: record.data });
  }
  return { ...nothing, answers };
}
