import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Service } from '../../../api/kinds/core/index.ts';
import type { Endpoint } from '../../../api/kinds/discovery/index.ts';
import { makeNode, makeService } from '../testing/fixtures.ts';
import { withHints, zoneCpusOf } from './hints.ts';

function endpoint(name: string, zone?: string, ready = true): Endpoint {
  return { addresses: [name], conditions: { ready }, nodeName: `node-${name}`, ...(zone ? { zone } : {}) };
}
const close = (trafficDistribution: string) => makeService('s', { trafficDistribution } as Partial<Service['spec']>);
const auto = (): Service => {
  const service = makeService('s');
  service.metadata.annotations = { 'service.kubernetes.io/topology-mode': 'Auto' };
  return service;
};
const zonesOf = (endpoints: readonly Endpoint[]) => endpoints.map(({ hints }) => hints?.forZones?.[0]?.name);
const cpus = (amounts: Record<string, number>) => new Map(Object.entries(amounts));

describe('trafficDistribution', () => {
  it.each([
    ['PreferSameZone', { forZones: [{ name: 'a' }] }],
    ['PreferClose', { forZones: [{ name: 'a' }] }],
    ['PreferSameNode', { forZones: [{ name: 'a' }], forNodes: [{ name: 'node-1' }] }],
    ['Unknown', undefined],
  ])('%s hints each ready endpoint for where it is', (distribution, hints) => {
    const { endpoints } = withHints(close(distribution), [endpoint('1', 'a'), endpoint('2', 'a', false)], undefined);
    expect(endpoints.map((one) => one.hints)).toEqual([hints, undefined]);
  });

  it('takes hints away when nobody asks for them any more', () => {
    const hinted = { ...endpoint('1', 'a'), hints: { forZones: [{ name: 'a' }] } };
    expect(withHints(makeService('s'), [hinted], undefined).endpoints[0]).not.toHaveProperty('hints');
  });
});

describe('topology-mode Auto', () => {
  it('leaves endpoints in their zones where that is fair', () => {
    const all = [endpoint('1', 'a'), endpoint('2', 'b'), endpoint('3', 'a'), endpoint('4', 'b')];
    expect(zonesOf(withHints(auto(), all, cpus({ a: 4, b: 4 })).endpoints)).toEqual(['a', 'b', 'a', 'b']);
  });

  it('lends endpoints to zones that have too few for their CPUs', () => {
    const all = Array.from({ length: 6 }, (_, i) => endpoint(String(i), i < 5 ? 'a' : 'b'));
    const zones = zonesOf(withHints(auto(), all, cpus({ a: 4, b: 4 })).endpoints);
    expect(zones.filter((zone) => zone === 'a')).toHaveLength(3);
  });

  it.each<[string, Endpoint[], ReturnType<typeof cpus> | undefined, string]>([
    ['a node without a zone', [endpoint('1', 'a')], undefined, 'Insufficient Node information'],
    ['one zone', [endpoint('1', 'a')], cpus({ a: 1 }), 'Nodes only ready in one zone'],
    ['fewer endpoints than zones', [endpoint('1', 'a')], cpus({ a: 1, b: 1 }), '(1 endpoints, 2 zones)'],
    [
      'zones too unlike for so few endpoints',
      [endpoint('1', 'a'), endpoint('2', 'b'), endpoint('3', 'b')],
      cpus({ a: 1, b: 9 }),
      'overload threshold (3 endpoints, 2 zones)',
    ],
    ['an endpoint without a zone', [endpoint('1', 'a'), endpoint('2')], cpus({ a: 1, b: 1 }), 'do not have a zone'],
  ])('gives none and says why: %s', (_, all, zoneCpus, words) => {
    const { endpoints, problem } = withHints(auto(), all, zoneCpus);
    expect(problem).toContain(words);
    expect(zonesOf(endpoints).every((zone) => zone === undefined)).toBe(true);
  });

  it('never leaves a zone with less than its share allows, and hints every ready endpoint once', () => {
    const zone = fc.constantFrom('a', 'b', 'c');
    fc.assert(
      fc.property(
        fc.array(zone, { minLength: 3, maxLength: 60 }),
        fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 3, maxLength: 3 }),
        (places, [a = 1, b = 1, c = 1]) => {
          const zoneCpus = cpus({ a, b, c });
          const { endpoints, problem } = withHints(
            auto(),
            places.map((place, i) => endpoint(String(i), place)),
            zoneCpus,
          );
          if (problem) return;
          const zones = zonesOf(endpoints);
          for (const [name, amount] of zoneCpus) {
            const share = (amount / (a + b + c)) * places.length;
            expect(zones.filter((one) => one === name).length).toBeGreaterThanOrEqual(Math.floor(share / 1.2));
          }
          expect(zones.every((one) => one !== undefined)).toBe(true);
        },
      ),
    );
  });

  it('counts the CPUs of ready workers only', () => {
    const node = (name: string, zone: string, cpu: string, labels: Record<string, string> = {}) => {
      const made = makeNode(name);
      made.metadata.labels = { 'topology.kubernetes.io/zone': zone, ...labels };
      made.status = { ...made.status, allocatable: { cpu } };
      return made;
    };
    const master = node('m', 'a', '8', { 'node-role.kubernetes.io/control-plane': '' });
    expect(zoneCpusOf([node('1', 'a', '2'), node('2', 'a', '500m'), node('3', 'b', '4'), master])).toEqual(
      cpus({ a: 2500, b: 4000 }),
    );
    expect(zoneCpusOf([node('1', 'a', '2'), makeNode('x')])).toBeUndefined();
  });
});
