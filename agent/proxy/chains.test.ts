import { describe, expect, it } from 'vitest';
import { chainName, chainsOf, slotOf } from './chains.ts';

const pods = '10.244.0.0/16';

describe('the shapes of chains', () => {
  it('names a chain by its shape alone', () => {
    expect(chainName({ scope: 'address', cluster: 3 })).toBe('pick-3');
    expect(chainName({ scope: 'node', cluster: 3, local: 0, affinitySeconds: 60 })).toBe(
      'node-pick-3-local-0-sticky-60',
    );
  });

  it('drops outside traffic without a local endpoint, but lets pods and the machine leave the node', () => {
    const rules = chainsOf({ scope: 'node', cluster: 2, local: 0 }, pods).get('node-pick-2-local-0');
    expect(rules).toEqual([`ip saddr ${pods} goto node-pick-2`, 'fib saddr type local goto node-pick-2', 'drop']);
  });

  it('brings every chain that its rules lead to', () => {
    for (const affinitySeconds of [undefined, 60]) {
      const chains = chainsOf({ scope: 'address', cluster: 2, local: 1, affinitySeconds }, pods);
      const targets = [...chains.values()].flat().flatMap((rule) => /(?:goto|jump) (\S+)$/.exec(rule)?.[1] ?? []);
      expect(targets.filter((target) => !chains.has(target) && target !== 'translate')).toEqual([]);
    }
  });

  it('derives the same slot from the same endpoint, within the slots’ range', () => {
    expect(slotOf('10.244.1.2', 80)).toBe(slotOf('10.244.1.2', 80));
    expect(slotOf('10.244.1.2', 80)).not.toBe(slotOf('10.244.1.2', 81));
    expect(slotOf('10.244.1.2', 80) >>> 28).toBe(6);
  });
});
