// Places the nodes of a small layered graph: columns are given, order inside a column follows the neighbours to the left
// (one barycentre pass, Sugiyama et al. 1981), so that edges rarely cross. Pure.

export interface GraphNode {
  readonly id: string;
  readonly column: number;
}
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
}
export interface PlacedNode<Node extends GraphNode> {
  readonly node: Node;
  readonly x: number;
  readonly y: number;
}
export interface PlacedEdge<Edge extends GraphEdge> {
  readonly edge: Edge;
  readonly path: string;
}
export interface GraphLayout<Node extends GraphNode, Edge extends GraphEdge> {
  readonly nodes: readonly PlacedNode<Node>[];
  readonly edges: readonly PlacedEdge<Edge>[];
  readonly width: number;
  readonly height: number;
}

export interface GraphSize {
  readonly nodeWidth: number;
  readonly nodeHeight: number;
  readonly columnGap: number;
  readonly rowGap: number;
}

const comfortable = { nodeWidth: 210, columnGap: 56 };
const narrow = { nodeWidth: 136, columnGap: 30 };

/** Boxes as wide as is comfortable, or as the columns leave them in `room` pixels; below a readable width it scrolls. */
export function fitGraph(columns: number, room: number): Pick<GraphSize, 'nodeWidth' | 'columnGap'> {
  const widthOf = ({ nodeWidth, columnGap }: typeof comfortable): number =>
    columns * (nodeWidth + columnGap) - columnGap;
  if (columns === 0 || widthOf(comfortable) <= room) return comfortable;
  const { columnGap } = narrow;
  const nodeWidth = Math.floor((room - (columns - 1) * columnGap) / columns);
  return { nodeWidth: Math.max(narrow.nodeWidth, Math.min(comfortable.nodeWidth, nodeWidth)), columnGap };
}

/** The layout; nodes of the same column stand in one vertical line, each column centred on the tallest. */
export function layoutGraph<Node extends GraphNode, Edge extends GraphEdge>(
  nodes: readonly Node[],
  edges: readonly Edge[],
  { nodeWidth, nodeHeight, columnGap, rowGap }: GraphSize,
): GraphLayout<Node, Edge> {
  const columns: Node[][] = [];
  for (const node of nodes) (columns[node.column] ??= []).push(node);
  const filled = columns.filter(Boolean);
  const row = new Map<string, number>();
  for (const column of filled) {
    const weight = new Map(
      column.map((node, index) => {
        const neighbours = edges.flatMap(({ from, to }) => (to === node.id ? [from] : from === node.id ? [to] : []));
        const rows = neighbours.flatMap((id) => row.get(id) ?? []);
        return [node.id, rows.length === 0 ? index : rows.reduce((sum, one) => sum + one, 0) / rows.length];
      }),
    );
    column.sort((left, right) => (weight.get(left.id) ?? 0) - (weight.get(right.id) ?? 0));
    for (const [index, { id }] of column.entries()) row.set(id, index);
  }
  const step = nodeHeight + rowGap;
  const tallest = Math.max(1, ...filled.map(({ length }) => length));
  const height = tallest * step - rowGap;
  const placed = new Map<string, PlacedNode<Node>>();
  for (const [index, column] of filled.entries()) {
    const top = (height - (column.length * step - rowGap)) / 2;
    for (const [place, node] of column.entries())
      placed.set(node.id, { node, x: index * (nodeWidth + columnGap), y: top + place * step });
  }
  return {
    nodes: [...placed.values()],
    edges: edges.flatMap((edge) => {
      const [from, to] = [placed.get(edge.from), placed.get(edge.to)];
      if (from === undefined || to === undefined) return [];
      const forward = to.x >= from.x;
      const [x1, x2] = forward ? [from.x + nodeWidth, to.x] : [from.x, to.x + nodeWidth];
      const [y1, y2] = [from.y + nodeHeight / 2, to.y + nodeHeight / 2];
      const bend = (x2 - x1) / 2;
      return [{ edge, path: `M${x1},${y1} C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}` }];
    }),
    width: Math.max(0, filled.length * (nodeWidth + columnGap) - columnGap),
    height,
  };
}
