import { describe, expect, it } from 'vitest';
import type { Service } from '../../../api/kinds/core/index.ts';
import { makeNode, makeService, makeSlice } from '../../../test/support/network-objects.ts';
import { planAnnouncements } from './plan-announcements.ts';

const node = (name: string, labels?: Record<string, string>, ready = 'True') => {
  const made = makeNode(name, '192.168.1.1', '10.244.1.0/24', labels);
  return { ...made, status: { conditions: [{ type: 'Ready', status: ready }] } } as typeof made;
};
const balanced = (name: string, ip: string, spec: Partial<Service['spec']> = {}): Service => ({
  ...makeService(name, { type: 'LoadBalancer', ...spec }),
  status: { loadBalancer: { ingress: [{ ip, ipMode: 'VIP' }] } },
});
const services = Array.from({ length: 100 }, (_, index) => balanced(`s${index}`, `203.0.113.${index}`));
const ownersOf = (nodes: readonly ReturnType<typeof node>[], of = services): Map<string, string> =>
  new Map(
    nodes.flatMap(({ metadata }) =>
      [...planAnnouncements(of, () => [], nodes, metadata.name)].map((address): [string, string] => [
        address,
        metadata.name,
      ]),
    ),
  );

describe('who answers for load balancer addresses', () => {
  it('gives each address to exactly one node, and spreads them', () => {
    const nodes = ['a', 'b', 'c'].map((name) => node(name));
    const counts = nodes.map(({ metadata }) => planAnnouncements(services, () => [], nodes, metadata.name).size);
    expect(counts.reduce((sum, count) => sum + count)).toBe(100);
    for (const count of counts) expect(count).toBeGreaterThan(15);
  });

  it('moves only what a lost node had', () => {
    const before = ownersOf(['a', 'b', 'c'].map((name) => node(name)));
    const after = ownersOf([node('a'), node('b'), node('c', {}, 'Unknown')]);
    for (const [address, owner] of before) if (owner !== 'c') expect(after.get(address)).toBe(owner);
    expect(after.size).toBe(100);
  });

  it('leaves out nodes that are excluded', () => {
    const excluded = node('b', { 'node.kubernetes.io/exclude-from-external-load-balancers': '' });
    expect(new Set(ownersOf([node('a'), excluded]).values())).toEqual(new Set(['a']));
  });

  it('announces a Service with external policy Local only where it has a ready endpoint', () => {
    const local = [balanced('web', '203.0.113.1', { externalTrafficPolicy: 'Local' })];
    const nodes = [node('a'), node('b')];
    const slices = [
      makeSlice(
        'web',
        [],
        [
          { address: '1', nodeName: 'a', ready: false },
          { address: '2', nodeName: 'b' },
        ],
      ),
    ];
    const own = (name: string): string[] => [...planAnnouncements(local, () => slices, nodes, name)];
    expect([own('a'), own('b')]).toEqual([[], ['203.0.113.1']]);
  });

  it('has nothing to do with other Services, or with addresses a proxy in front answers for', () => {
    const proxied = { ...services[0], status: { loadBalancer: { ingress: [{ ip: '203.0.113.1', ipMode: 'Proxy' }] } } };
    const others = [makeService('web', { externalIPs: ['203.0.113.2'] }), proxied as Service];
    expect(ownersOf([node('a')], others).size).toBe(0);
  });
});
