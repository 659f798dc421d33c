// The order of a list after a strategic merge: what the patch names comes in the patch's order, what only the
// server has keeps its own order, and the two are interleaved as the server's list has them.

/** Tells elements apart: by the merge key of objects, or scalars by themselves. */
export type Identity = (element: unknown) => unknown;

/** Orders a merged list by the order that a patch gives and the order that the server's list had. */
export function orderElements(
  merged: readonly unknown[],
  patchOrder: readonly unknown[],
  serverOrder: readonly unknown[],
  identity: Identity,
): unknown[] {
  const wanted = ranks(patchOrder, identity);
  const before = ranks(serverOrder, identity);
  const rankIn = (order: Map<unknown, number>, element: unknown): number => order.get(identity(element)) ?? Infinity;
  const byRank = (order: Map<unknown, number>) => (a: unknown, b: unknown) =>
    compare(rankIn(order, a), rankIn(order, b));
  const patched = merged.filter((element) => wanted.has(identity(element))).sort(byRank(wanted));
  const serverOnly = merged.filter((element) => !wanted.has(identity(element))).sort(byRank(before));
  const result: unknown[] = [];
  while (patched.length > 0 && serverOnly.length > 0) {
    const ours = rankIn(before, serverOnly[0]);
    const theirs = rankIn(before, patched[0]);
    const serverFirst = ours !== Infinity && theirs !== Infinity && ours < theirs;
    result.push(serverFirst ? serverOnly.shift() : patched.shift());
  }
  return [...result, ...patched, ...serverOnly];
}

function ranks(elements: readonly unknown[], identity: Identity): Map<unknown, number> {
  const order = new Map<unknown, number>();
  for (const [index, element] of elements.entries()) {
    const id = identity(element);
    if (!order.has(id)) order.set(id, index);
  }
  return order;
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
