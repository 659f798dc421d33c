// Responder and upstream together, against a resolver of the test on loopback.
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { decode, encode } from 'dns-packet';
import type { DecodedPacket, RecordType } from 'dns-packet';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '../../machinery/clock.ts';
import { makeService } from '../../test/support/network-objects.ts';
import { createResponder } from './responder.ts';
import type { Responder } from './responder.ts';
import { planServiceRecords } from './service-records.ts';
import { createUpstream } from './upstream.ts';
import { createZone } from './zone.ts';

let resolver: Socket;
let asked: string[] = [];
let responder: Responder;
const clock = createFakeClock();
const addresses: Record<string, string | undefined> = {
  'www.example.com': '203.0.113.80',
  'db.example.com': '203.0.113.81',
};

const ask = async (name: string, type: RecordType = 'A', id = 1): Promise<DecodedPacket & { rcode?: string }> => {
  const message = encode({ type: 'query', id, flags: 0x0100, questions: [{ type, name }] });
  const response = await responder.respond(message, 'udp');
  if (response === undefined) throw new Error('no response');
  return decode(response);
};
const values = (packet: DecodedPacket): unknown[] =>
  (packet.answers ?? []).map((answer) => ('data' in answer ? answer.data : undefined));

beforeEach(async () => {
  asked = [];
  resolver = createSocket('udp4');
  resolver.bind(0, '127.0.0.1');
  await once(resolver, 'listening');
  resolver.on('message', (message, from) => {
    const { id, questions = [] } = decode(message);
    const name = questions[0]?.name.toLowerCase() ?? '';
    asked.push(name);
    if (name === 'silent.example.com') return;
    const data = addresses[name];
    const soa = { mname: 'ns', rname: 'admin', serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 20 };
    const reply = encode({
      type: 'response',
      id,
      flags: 0x0180 | (data === undefined ? 3 : 0),
      questions,
      answers: data === undefined ? [] : [{ type: 'A', name, ttl: 60, data }],
      authorities: data === undefined ? [{ type: 'SOA', name: 'example.com', ttl: 60, data: soa }] : [],
    });
    resolver.send(reply, from.port, from.address);
  });
  const zone = createZone('cluster.local');
  zone.put(planServiceRecords(makeService('web', { clusterIP: '10.96.0.7' }), []));
  zone.put(planServiceRecords(makeService('ext', { type: 'ExternalName', externalName: 'db.example.com' }), []));
  zone.put(
    planServiceRecords(makeService('in', { type: 'ExternalName', externalName: 'web.default.svc.cluster.local' }), []),
  );
  const resolvers = [{ address: '127.0.0.1', port: resolver.address().port }];
  responder = createResponder(zone, createUpstream({ resolvers, clock, timeoutMs: 50 }));
  responder.setReady();
});
afterEach(() => void resolver.close());

describe('the DNS responder', () => {
  it('answers cluster names itself, each asker with its own id', async () => {
    expect(values(await ask('web.default.svc.cluster.local'))).toEqual(['10.96.0.7']);
    const again = await ask('web.default.svc.cluster.local', 'A', 99);
    expect(again.id).toBe(99);
    expect(values(again)).toEqual(['10.96.0.7']);
    expect(responder.counters).toMatchObject({ queries: 2, remembered: 1, forwarded: 0 });
    expect(asked).toEqual([]);
  });

  it('forwards other names once, and remembers them for their time', async () => {
    expect(values(await ask('www.example.com'))).toEqual(['203.0.113.80']);
    await clock.advance(30_000);
    const later = await ask('WWW.example.com', 'A', 5);
    expect(later.id).toBe(5);
    expect(later.questions?.[0]?.name).toBe('WWW.example.com');
    expect(later.answers?.[0]).toMatchObject({ ttl: 30, data: '203.0.113.80' });
    expect(asked).toHaveLength(1);
    await clock.advance(31_000);
    await ask('www.example.com');
    expect(asked).toHaveLength(2);
  });

  it('asks upstream once for many askers at a time', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, id) => ask('www.example.com', 'A', id)));
    expect(asked).toHaveLength(1);
  });

  it('remembers that a name does not exist as long as its zone says', async () => {
    expect((await ask('no.example.com')).rcode).toBe('NXDOMAIN');
    await ask('no.example.com');
    expect(asked).toHaveLength(1);
    await clock.advance(21_000);
    await ask('no.example.com');
    expect(asked).toHaveLength(2);
  });

  it('says SERVFAIL when no resolver answers, and does not remember it', async () => {
    expect((await ask('silent.example.com')).rcode).toBe('SERVFAIL');
    expect((await ask('silent.example.com')).rcode).toBe('SERVFAIL');
    expect(asked).toHaveLength(2);
  });

  it('follows an ExternalName to its addresses, outside and inside the cluster', async () => {
    expect(values(await ask('ext.default.svc.cluster.local'))).toEqual(['db.example.com', '203.0.113.81']);
    expect(values(await ask('in.default.svc.cluster.local'))).toEqual(['web.default.svc.cluster.local', '10.96.0.7']);
  });

  it('forgets cluster names that have changed', async () => {
    const zone = createZone('cluster.local');
    const late = createResponder(zone, createUpstream({ resolvers: [], clock }));
    const message = encode({ type: 'query', id: 1, questions: [{ type: 'A', name: 'web.default.svc.cluster.local' }] });
    const code = (): unknown => (decode(late.respond(message, 'udp') as Buffer) as { rcode?: string }).rcode;
    expect(code()).toBe('SERVFAIL'); // nobody knows yet what the cluster holds
    late.setReady();
    expect(code()).toBe('NXDOMAIN');
    zone.put(planServiceRecords(makeService('web', { clusterIP: '10.96.0.7' }), []));
    late.forget();
    expect(code()).toBe('NOERROR');
  });

  it('refuses what it does not do, and is silent to what is no query', async () => {
    const status = encode({ type: 'query', id: 1, flags: 2 << 11, questions: [{ type: 'A', name: 'a' }] });
    expect(decode((await responder.respond(status, 'udp')) as Buffer)).toMatchObject({ rcode: 'NOTIMP' });
    const response = encode({ type: 'response', id: 1, questions: [{ type: 'A', name: 'a' }] });
    expect(responder.respond(response, 'udp')).toBeUndefined();
    expect(responder.respond(Buffer.from('short'), 'udp')).toBeUndefined();
  });
});
