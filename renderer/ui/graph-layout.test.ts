import { describe, expect, it } from 'vitest';
import { fitGraph, layoutGraph } from './graph-layout.ts';

const size = { nodeWidth: 100, nodeHeight: 20, columnGap: 50, rowGap: 10 };
const node = (id: string, column: number) => ({ id, column });

describe('the layout of a graph', () => {
  it('stands columns beside each other and centres the shorter ones', () => {
    const nodes = [node('a', 0), node('b', 1), node('c', 1)];
    const { nodes: placed, width, height } = layoutGraph(nodes, [{ from: 'a', to: 'b' }], size);
    expect([width, height]).toEqual([250, 50]);
    expect(placed.map(({ node: { id }, x, y }) => [id, x, y])).toEqual([
      ['a', 0, 15],
      ['b', 150, 0],
      ['c', 150, 30],
    ]);
  });

  it('orders a column by its neighbours, so that edges do not cross', () => {
    const nodes = [node('a', 0), node('b', 0), node('x', 1), node('y', 1)];
    const edges = [
      { from: 'a', to: 'y' },
      { from: 'b', to: 'x' },
    ];
    const { nodes: placed } = layoutGraph(nodes, edges, size);
    const yOf = (id: string): number | undefined => placed.find((one) => one.node.id === id)?.y;
    expect(yOf('y')).toBe(yOf('a'));
    expect(yOf('x')).toBe(yOf('b'));
  });

  it('leaves out edges to what is not shown', () => {
    expect(layoutGraph([node('a', 0)], [{ from: 'a', to: 'gone' }], size).edges).toEqual([]);
  });
});

it('makes boxes narrower before the graph is cut, and scrolls before they are unreadable', () => {
  expect(fitGraph(4, 2000)).toEqual({ nodeWidth: 210, columnGap: 56 });
  const { nodeWidth, columnGap } = fitGraph(4, 720);
  expect(4 * nodeWidth + 3 * columnGap).toBeLessThanOrEqual(720);
  expect(fitGraph(9, 720).nodeWidth).toBe(136);
});
