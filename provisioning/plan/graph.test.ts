import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { inOrder, walk } from './graph.ts';

const node = (id: string, ...needs: string[]) => ({ id, needs });

describe('inOrder', () => {
  test('puts everything after what it needs', () => {
    expect(inOrder([node('c', 'b'), node('b', 'a'), node('a')]).map((n) => n.id)).toEqual(['a', 'b', 'c']);
  });

  test('names the cycle it refuses', () => {
    expect(() => inOrder([node('a', 'b'), node('b', 'a')])).toThrow('a → b → a');
  });

  test('names what is needed and missing', () => {
    expect(() => inOrder([node('a', 'x')])).toThrow('a needs x');
  });

  test('holds for any acyclic graph', () => {
    const graphs = fc
      .array(fc.array(fc.nat(20), { maxLength: 4 }), { maxLength: 20 })
      .map((lists) =>
        lists.map((needs, index) =>
          node(`n${index}`, ...new Set(needs.filter((need) => need < index).map((need) => `n${need}`))),
        ),
      );
    fc.assert(
      fc.property(graphs, (graph) => {
        const order = inOrder([...graph].reverse()).map((n) => n.id);
        for (const n of graph)
          for (const need of n.needs) expect(order.indexOf(need)).toBeLessThan(order.indexOf(n.id));
      }),
    );
  });
});

describe('walk', () => {
  test('runs what does not depend on a failure and names what was never reached', async () => {
    const ran: string[] = [];
    const nodes = [node('a'), node('b', 'a'), node('c', 'b'), node('d')];
    const { unreached } = await walk(nodes, (n) => {
      ran.push(n.id);
      return Promise.resolve(n.id !== 'b');
    });
    expect(ran.sort()).toEqual(['a', 'b', 'd']);
    expect(unreached.map((n) => n.id)).toEqual(['c']);
  });

  test('runs independent nodes at the same time', async () => {
    let running = 0;
    let most = 0;
    await walk([node('a'), node('b'), node('c', 'a', 'b')], async () => {
      most = Math.max(most, (running += 1));
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return true;
    });
    expect(most).toBe(2);
  });
});
