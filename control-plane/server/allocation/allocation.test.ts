// Two servers on one store never give the same address or port, and what a crash left is found again.
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../../machinery/clock.ts';
import { serviceCidrs } from '../../../api/kinds/networking/index.ts';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { createMemoryStore } from '../../store/memory-store.ts';
import { createReader, storageKey } from '../registry/reader.ts';
import { createClusterIps } from './cluster-ips.ts';
import { dynamicStart, ipv4ToNumber, numberToIpv4, parseIpv4Range } from './ipv4-range.ts';
import { createNodePorts } from './node-ports.ts';
import { createServiceRanges } from './service-ranges.ts';

const only = (cidr: string) => () => Promise.resolve([parseIpv4Range(cidr)]);

describe('ranges', () => {
  it('leave out network and broadcast addresses', () => {
    const range = parseIpv4Range('10.96.0.0/16');
    expect([numberToIpv4(range.first), numberToIpv4(range.last), numberToIpv4(dynamicStart(range))]).toEqual([
      '10.96.0.1',
      '10.96.255.254',
      '10.96.1.1',
    ]);
    expect(numberToIpv4(ipv4ToNumber('255.1.0.254'))).toBe('255.1.0.254');
  });
  it.each(['10.0.0.0', '10.0.0.0/31', '::/64', 'x/16', '10.0.0.0/'])('%s is refused', (text) => {
    expect(() => parseIpv4Range(text)).toThrow(RangeError);
  });
});

describe('cluster IPs', () => {
  it('are given once, by however many servers, until the range is full', async () => {
    const store = createMemoryStore();
    const clock = createFakeClock();
    const range = only('10.0.0.0/28');
    const servers = [createClusterIps(store, clock, range), createClusterIps(store, clock, range)];
    const given = await Promise.all(
      Array.from({ length: 14 }, (_, index) => servers[index % 2]?.allocate({ namespace: 'n', name: `s${index}` })),
    );
    expect(new Set(given).size).toBe(14);
    expect(given).not.toContain(undefined);
    expect(await servers[0]?.allocate({ namespace: 'n', name: 'more' })).toBeUndefined();
    await servers[1]?.release(given[0] ?? '', { namespace: 'n', name: 's0' });
    expect(await servers[0]?.allocate({ namespace: 'n', name: 'more' })).toBe(given[0]);
    await store.close();
  });

  it('of services that never came to be are taken over, but not while they are young', async () => {
    const store = createMemoryStore();
    const clock = createFakeClock();
    const ips = createClusterIps(store, clock, only('10.0.0.0/28'));
    expect(await ips.claim('10.0.0.5', { namespace: 'n', name: 'lost' })).toBeUndefined();
    expect(await ips.claim('10.0.0.5', { namespace: 'n', name: 'other' })).toContain('already allocated');
    await clock.advance(120_000);
    expect(await ips.claim('10.0.0.5', { namespace: 'n', name: 'other' })).toBeUndefined();
    expect(await ips.claim('10.1.0.5', { namespace: 'n', name: 'other' })).toContain('not in the valid range');
    await store.close();
  });
});

describe('ranges of ServiceCIDRs', () => {
  const startMs = Date.parse('2026-11-24T00:00:00Z');
  const cidr = (name: string, range: string, ready = 'True', deletionTimestamp?: string): KubernetesObject =>
    ({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'ServiceCIDR',
      metadata: { name, uid: name, creationTimestamp: '2026-11-24T00:00:00Z', deletionTimestamp },
      spec: { cidrs: [range] },
      status: { conditions: [{ type: 'Ready', status: ready }] },
    }) as unknown as KubernetesObject;
  const open = () => {
    const store = createMemoryStore();
    const put = (object: KubernetesObject) => store.create(storageKey(serviceCidrs, '', object.metadata.name), object);
    const ranges = createServiceRanges(createReader(store), parseIpv4Range('10.0.0.0/29'));
    return { store, put, ips: createClusterIps(store, createFakeClock(startMs), ranges) };
  };
  const owner = (name: string) => ({ namespace: 'n', name });

  it('take over where the first is full', async () => {
    const { store, put, ips } = open();
    await put(cidr('kubernetes', '10.0.0.0/29'));
    const given: (string | undefined)[] = [];
    for (let index = 0; index < 7; index++) given.push(await ips.allocate(owner(`s${index}`)));
    expect(given.filter((address) => address?.startsWith('10.0.0.'))).toHaveLength(6);
    expect(given[6]).toBeUndefined();
    await put(cidr('more', '10.7.0.0/24'));
    expect(await ips.allocate(owner('s6'))).toMatch(/^10\.7\.0\./);
    expect(await ips.claim('10.7.0.9', owner('s7'))).toBeUndefined();
    await store.close();
  });

  it('count while they are ready and stay', async () => {
    const { store, put, ips } = open();
    expect(await ips.claim('10.0.0.1', owner('first'))).toBeUndefined(); // before its object is made
    await put(cidr('kubernetes', '10.0.0.0/29'));
    await put(cidr('young', '10.1.0.0/24', 'False'));
    await put(cidr('leaving', '10.2.0.0/24', 'True', '2026-11-24T00:00:00Z'));
    await put(cidr('six', 'fd00::/108'));
    for (const address of ['10.1.0.7', '10.2.0.7'])
      expect(await ips.claim(address, owner('s'))).toContain('The range of valid IPs is 10.0.0.0/29');
    await store.close();
  });
});

describe('node ports', () => {
  it('are given once, given back, and repaired', async () => {
    const store = createMemoryStore();
    const clock = createFakeClock();
    const [a, b] = [
      createNodePorts(store, clock, { first: 30000, last: 30009 }),
      createNodePorts(store, clock, { first: 30000, last: 30009 }),
    ];
    const given = await Promise.all(Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? a : b).allocate()));
    expect(new Set(given).size).toBe(10);
    expect(await a.allocate()).toBeUndefined();
    await b.release([30003]);
    expect(await a.claim(30003)).toBeUndefined();
    expect(await b.claim(30003)).toContain('already allocated');
    expect(await b.claim(80)).toContain('not in the valid range');
    await a.repair([30001]);
    expect(await b.claim(30002)).toContain('already allocated');
    await a.repair([30001]);
    expect([await b.claim(30001), await b.claim(30002)]).toEqual(['provided port is already allocated', undefined]);
    await store.close();
  });
});
