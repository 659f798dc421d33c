// The wire format is checked against dns-packet, an implementation that is not ours.
import { decode, encode } from 'dns-packet';
import type { Answer, RecordType } from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeResponse, parseQuery, recordTypes, udpLimit } from './wire.ts';
import type { DnsAnswer, DnsRecord, Query } from './wire.ts';

const opt = {
  type: 'OPT' as const,
  name: '.',
  udpPayloadSize: 4096,
  flags: 0x8000,
  options: [],
  extendedRcode: 0,
  ednsVersion: 0,
  flag_do: true,
};
const ask = (name: string, type: RecordType = 'A', edns = false): Buffer =>
  encode({ type: 'query', id: 7, flags: 0x0100, questions: [{ type, name }], additionals: edns ? [opt] : [] });
const parsed = (message: Buffer): Query => {
  const query = parseQuery(message);
  if (query === undefined) throw new Error('not a query');
  return query;
};
const respond = (message: Buffer, answer: Partial<DnsAnswer>, limit = 65_535) =>
  decode(encodeResponse(parsed(message), { code: 0, authoritative: true, answers: [], ...answer }, limit));
const address = (name: string, index = 1): DnsRecord => ({
  type: 'A',
  name,
  ttl: 5,
  address: `10.0.${index >> 8}.${index & 255}`,
});

describe('DNS messages', () => {
  it('reads a query, with and without EDNS', () => {
    expect(parsed(ask('Web.Default.svc', 'SRV'))).toMatchObject({
      id: 7,
      opcode: 0,
      recursionDesired: true,
      name: 'Web.Default.svc',
      type: 33,
      class: 1,
    });
    expect(parsed(ask('a', 'A', true)).edns).toEqual({ udpBytes: 4096, version: 0, dnssec: true });
  });

  it('refuses everything that is no query, whatever the bytes', () => {
    expect(parseQuery(encode({ type: 'response', id: 1, questions: [{ type: 'A', name: 'a' }] }))).toBeUndefined();
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => void parseQuery(Buffer.from(bytes))));
    const whole = ask('some.name', 'A', true);
    for (let length = 0; length < whole.length - 11; length++)
      expect(parseQuery(whole.subarray(0, length))).toBeUndefined();
  });

  it('writes every record type so that others read it back', () => {
    const answers: DnsRecord[] = [
      address('a.b'),
      { type: 'CNAME', name: 'a.b', ttl: 5, target: 'c.b' },
      { type: 'PTR', name: 'a.b', ttl: 5, target: 'x.y.z' },
      { type: 'SRV', name: 'a.b', ttl: 5, port: 443, target: 'c.b' },
      { type: 'TXT', name: 'a.b', ttl: 5, text: '1.1.0' },
      { type: 'SOA', name: 'b', ttl: 5, server: 'ns.b', contact: 'admin.b', serial: 3, minimum: 9 },
    ];
    const read = respond(ask('a.b'), { answers }).answers as (Answer & { data: unknown })[];
    expect(read.map(({ type }) => type)).toEqual(answers.map(({ type }) => type));
    expect(read.map(({ data }) => data)).toMatchObject([
      '10.0.0.1',
      'c.b',
      'x.y.z',
      { port: 443, target: 'c.b' },
      [Buffer.from('1.1.0')],
      { mname: 'ns.b', minimum: 9 },
    ]);
  });

  it('compresses names: many addresses of one name fit into one packet', () => {
    const name = 'a-long-service-name.some-namespace.svc.cluster.local';
    const answers = Array.from({ length: 60 }, (_, index) => address(name, index));
    const bytes = encodeResponse(parsed(ask(name, 'A', true)), { code: 0, authoritative: true, answers }, 1232);
    expect(bytes.length).toBeLessThan(1232);
    expect(decode(bytes).answers).toHaveLength(60);
  });

  it('cuts at a record’s end and says so; additional records go first and silently', () => {
    const answers = Array.from({ length: 60 }, (_, index) => address('a.b', index));
    const cut = respond(ask('a.b'), { answers }, 512);
    expect(cut.flag_tc).toBe(true);
    expect(cut.answers?.length).toBeGreaterThan(20);
    const trimmed = respond(ask('a.b'), { answers: answers.slice(0, 2), additional: answers }, 512);
    expect(trimmed.flag_tc).toBe(false);
    expect(trimmed.answers).toHaveLength(2);
  });

  it('answers EDNS with EDNS, and extended codes in it', () => {
    expect(respond(ask('a'), {}).additionals).toEqual([]);
    expect(respond(ask('a', 'A', true), {}).additionals).toMatchObject([{ type: 'OPT', udpPayloadSize: 1232 }]);
    expect(respond(ask('a', 'A', true), { code: 16 }).additionals).toMatchObject([{ extendedRcode: 1 }]);
  });

  it('never sends more over UDP than an unfragmented packet holds', () => {
    expect(udpLimit(parsed(ask('a')))).toBe(512);
    expect(udpLimit(parsed(ask('a', 'A', true)))).toBe(1232);
    expect(recordTypes.AAAA).toBe(28);
  });
});
