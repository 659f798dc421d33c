// A graph of named nodes and what each needs: checked once, then walked. Pure.

export interface GraphNode {
  readonly id: string;
  readonly needs: readonly string[];
}

/** The nodes in an order in which everything comes after what it needs; stable. Throws on a cycle or an unknown need. */
export function inOrder<T extends GraphNode>(nodes: readonly T[]): T[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const state = new Map<string, 'open' | 'done'>();
  const order: T[] = [];
  const visit = (node: T, path: readonly string[]): void => {
    if (state.get(node.id) === 'done') return;
    if (state.get(node.id) === 'open') throw new Error(`the plan has a cycle: ${[...path, node.id].join(' → ')}`);
    state.set(node.id, 'open');
    for (const need of node.needs) {
      const target = byId.get(need);
      if (target === undefined) throw new Error(`${node.id} needs ${need}, which is not in the plan`);
      visit(target, [...path, node.id]);
    }
    state.set(node.id, 'done');
    order.push(node);
  };
  for (const node of nodes) visit(node, []);
  return order;
}

/**
 * Runs every node once all it needs succeeded. A node whose need failed is not run. Resolves when nothing can run any
 * more, with the ids that were never run. `work` answers whether dependents may go on.
 */
export async function walk<T extends GraphNode>(
  nodes: readonly T[],
  work: (node: T) => Promise<boolean>,
): Promise<{ unreached: T[] }> {
  const reached = new Set<string>();
  const results = new Map<string, Promise<boolean>>();
  for (const node of inOrder(nodes)) {
    const needs = node.needs.map((need) => results.get(need) ?? Promise.resolve(false));
    const result = Promise.all(needs).then((succeeded) => {
      if (!succeeded.every(Boolean)) return false;
      reached.add(node.id);
      return work(node);
    });
    results.set(node.id, result);
  }
  const outcomes = await Promise.allSettled(results.values());
  const bug = outcomes.find((outcome) => outcome.status === 'rejected');
  if (bug !== undefined) throw bug.reason;
  return { unreached: nodes.filter((node) => !reached.has(node.id)) };
}
