import { describe, expect, it } from 'vitest';
import { makeService, makeSlice } from '../../test/support/network-objects.ts';
import { planServiceRecords } from './service-records.ts';
import { recordTypes } from './wire.ts';
import { createZone } from './zone.ts';

const zone = createZone('cluster.local');
const put = (service: ReturnType<typeof makeService>, ...slices: ReturnType<typeof makeSlice>[]): void =>
  zone.put(planServiceRecords(service, slices));
put(makeService('web', { clusterIP: '10.96.0.7', ports: [{ name: 'http', port: 80, protocol: 'TCP' }] }));
put(
  makeService('db', { clusterIP: 'None', ports: [{ name: 'sql', port: 5432, protocol: 'TCP' }] }, 'shop'),
  makeSlice(
    'db',
    [{ name: 'sql', port: 5432 }],
    [
      { address: '10.244.1.2', hostname: 'db-0' },
      { address: '10.244.2.2', hostname: 'db-1' },
      { address: '10.244.3.3' },
      { address: '10.244.4.4', ready: false },
    ],
    'shop',
  ),
);
put(makeService('ext', { type: 'ExternalName', externalName: 'db.example.com' }));
put(makeService('empty', { clusterIP: 'None' }));

const ask = (name: string, type: keyof typeof recordTypes = 'A') => {
  const { code, answers, authority, additional, alias } = zone.resolve(name, recordTypes[type]);
  const values = answers.map((record) =>
    record.type === 'A'
      ? record.address
      : record.type === 'SRV'
        ? `${record.target}:${record.port}`
        : record.type === 'TXT'
          ? record.text
          : record.type === 'SOA'
            ? 'soa'
            : record.target,
  );
  return { code, values, hasSoa: authority?.[0]?.type === 'SOA', additional: additional?.length ?? 0, alias };
};
const noData = { code: 0, values: [], hasSoa: true };
const noName = { code: 3, values: [], hasSoa: true };

describe('the cluster zone', () => {
  it.each([
    ['web.default.svc.cluster.local', ['10.96.0.7']],
    ['WEB.Default.SVC.cluster.LOCAL', ['10.96.0.7']],
    ['db.shop.svc.cluster.local', ['10.244.1.2', '10.244.2.2', '10.244.3.3']],
    ['db-1.db.shop.svc.cluster.local', ['10.244.2.2']],
    ['10-244-3-3.db.shop.svc.cluster.local', ['10.244.3.3']],
    ['10-1-2-3.default.pod.cluster.local', ['10.1.2.3']],
  ])('answers the address of %s', (name, values) => {
    expect(ask(name)).toMatchObject({ code: 0, values });
  });

  it.each([
    ['an IPv6 address of what exists', 'web.default.svc.cluster.local', 'AAAA'],
    ['a headless Service without endpoints', 'empty.default.svc.cluster.local', 'A'],
    ['the zone itself', 'cluster.local', 'A'],
    ['the middle of the tree', 'svc.cluster.local', 'A'],
    ['a namespace with Services', 'shop.svc.cluster.local', 'A'],
    ['a port asked for as an address', '_http._tcp.web.default.svc.cluster.local', 'A'],
  ] as const)('has no data for %s', (_title, name, type) => {
    expect(ask(name, type)).toMatchObject(noData);
  });

  it.each([
    'nothing.default.svc.cluster.local',
    'web.nowhere.svc.cluster.local',
    'nowhere.svc.cluster.local',
    'www.example.com.default.svc.cluster.local',
    'www.example.com.svc.cluster.local',
    'www.example.com.cluster.local',
    'db-9.db.shop.svc.cluster.local',
    '10-244-4-4.db.shop.svc.cluster.local',
    '1-2-3.default.pod.cluster.local',
    '_nope._tcp.web.default.svc.cluster.local',
  ])('knows that there is no %s', (name) => {
    expect(ask(name)).toMatchObject(noName);
  });

  it('locates ports: the Service itself, or each endpoint of a headless one, with their addresses', () => {
    expect(ask('_http._tcp.web.default.svc.cluster.local', 'SRV')).toMatchObject({
      values: ['web.default.svc.cluster.local:80'],
      additional: 1,
    });
    expect(ask('_sql._tcp.db.shop.svc.cluster.local', 'SRV')).toMatchObject({
      values: [
        'db-0.db.shop.svc.cluster.local:5432',
        'db-1.db.shop.svc.cluster.local:5432',
        '10-244-3-3.db.shop.svc.cluster.local:5432',
      ],
      additional: 3,
    });
    expect(ask('_sql._udp.db.shop.svc.cluster.local', 'SRV').values).toEqual([]);
  });

  it('leads an ExternalName on', () => {
    expect(ask('ext.default.svc.cluster.local')).toMatchObject({ values: ['db.example.com'], alias: 'db.example.com' });
    expect(ask('ext.default.svc.cluster.local', 'CNAME').alias).toBeUndefined();
  });

  it('names cluster addresses, and leaves those of others to others', () => {
    expect(ask('7.0.96.10.in-addr.arpa', 'PTR').values).toEqual(['web.default.svc.cluster.local']);
    expect(ask('2.1.244.10.in-addr.arpa', 'PTR').values).toEqual(['db-0.db.shop.svc.cluster.local']);
    expect(zone.owns('7.0.96.10.in-addr.arpa')).toBe(true);
    expect(zone.owns('8.8.8.8.in-addr.arpa')).toBe(false);
    expect(zone.owns('notcluster.local')).toBe(false);
  });

  it('tells the version of the specification', () => {
    expect(ask('dns-version.cluster.local', 'TXT').values).toEqual(['1.1.0']);
  });

  it('forgets a Service, and its namespace with the last one', () => {
    put(makeService('gone', { clusterIP: '10.96.0.99' }, 'brief'));
    zone.remove('brief/gone');
    expect(ask('gone.brief.svc.cluster.local')).toMatchObject(noName);
    expect(ask('brief.svc.cluster.local')).toMatchObject(noName);
    expect(zone.owns('99.0.96.10.in-addr.arpa')).toBe(false);
  });

  it('answers for not ready endpoints only when the Service publishes them', () => {
    const service = makeService('early', { clusterIP: 'None', publishNotReadyAddresses: true });
    put(service, makeSlice('early', [], [{ address: '10.244.9.9', ready: false }]));
    expect(ask('early.default.svc.cluster.local').values).toEqual(['10.244.9.9']);
  });
});
