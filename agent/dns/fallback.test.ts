import { describe, expect, it } from 'vitest';
import { makeNode } from '../../test/support/network-objects.ts';
import { planPeers } from './fallback.ts';

const nodes = Array.from({ length: 20 }, (_, index) => makeNode(`n${index}`, '192.168.1.1', `10.244.${index}.0/24`));

describe('who answers for a DNS that is away', () => {
  it('are some other nodes, at their bridges, different ones for different nodes', () => {
    const peers = planPeers(nodes, 'n3');
    expect(peers).toHaveLength(8);
    expect(peers).not.toContain('10.244.3.1');
    for (const peer of peers) expect(peer).toMatch(/^10\.244\.\d+\.1$/);
    expect(planPeers(nodes, 'n4')).not.toEqual(peers);
    expect(planPeers([...nodes].reverse(), 'n3')).toEqual(peers);
  });

  it('are only nodes that are ready and have pods', () => {
    const down = { ...nodes[1], status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } } as (typeof nodes)[0];
    expect(planPeers([makeNode('own', '1', '10.244.99.0/24'), down, makeNode('new', '1', '')], 'own')).toEqual([]);
  });
});
