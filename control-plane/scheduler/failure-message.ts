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

/** Why removing pods helps nowhere, in the same form: "preemption: 0/3 nodes are available: …". */
export function preemptionMessage(refusals: Iterable<Refusal>, nodeCount: number): string {
  let resolvable = 0;
  let others = 0;
  for (const refusal of refusals) {
    if (refusal.resolvable) resolvable++;
    else others++;
  }
  const parts = [
    ...(resolvable > 0 ? [`${resolvable} No preemption victims found for incoming pod`] : []),
    ...(others > 0 ? [`${others} Preemption is not helpful for scheduling`] : []),
  ];
  return `preemption: 0/${nodeCount} nodes are available: ${parts.join(', ')}.`;
}
