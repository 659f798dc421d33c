import { describe, expect, it } from 'vitest';
import { makeNode } from '../../test/support/network-objects.ts';
import { peersOf, planRoutes } from './plan-routes.ts';

describe('routes to other nodes', () => {
  const nodes = [
    makeNode('own', '192.168.1.1', '10.244.1.0/24'),
    makeNode('near', '192.168.1.2', '10.244.2.0/24'),
    makeNode('far', '172.16.0.3', '10.244.3.0/24'),
    makeNode('new', '192.168.1.4', ''),
  ];

  it('leaves out this node and nodes that have no pods yet', () => {
    expect(peersOf(nodes, 'own').map(({ name }) => name)).toEqual(['near', 'far']);
  });

  it('goes straight on one segment and through VXLAN beyond it', () => {
    const { routes, overlay } = planRoutes(peersOf(nodes, 'own'), ['192.168.1.0/24']);
    expect(Object.fromEntries(routes)).toEqual({
      '10.244.2.0/24': 'via 192.168.1.2',
      '10.244.3.0/24': 'via 10.244.3.0 dev ph-vxlan onlink',
    });
    expect(overlay).toEqual([{ address: '172.16.0.3', inner: '10.244.3.0', mac: '0a:58:0a:f4:03:00' }]);
  });

  it('needs no overlay when every node is on a segment of this machine', () => {
    expect(planRoutes(peersOf(nodes, 'own'), ['192.168.1.0/24', '172.16.0.0/16']).overlay).toEqual([]);
  });
});
