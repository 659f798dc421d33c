// The words of a FailedScheduling event, as upstream puts them: how many of the nodes refuse, for which reasons.
import type { Refusal } from './filters/index.ts';

/** "0/3 nodes are available: 1 Too many pods, 2 Insufficient cpu." */
export function failureMessage(refusals: Iterable<Refusal>, nodeCount: number, preemption?: string): string {
  if (nodeCount === 0) return 'no nodes available to schedule pods';
  const counts = new Map<string, number>();
  for (const { reasons } of refusals) {
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  const parts = [...counts].map(([reason, count]) => `${count} ${reason}`).sort();
  const base = `0/${nodeCount} nodes are available: ${parts.join(', ')}.`;
  return preemption === undefined ? base : `${base} ${preemption}`;
}
