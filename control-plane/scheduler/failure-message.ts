// The words of a FailedScheduling event, as upstream puts them: how many of the nodes refuse, for which reasons;
// or what it is about the pod that keeps it from all of them.
import type { Refusal } from './filters/index.ts';

/** "0/3 nodes are available: 1 Too many pods, 2 Insufficient cpu." */
export function failureMessage(refusals: Iterable<Refusal>, nodeCount: number, preemption?: string): string {
  if (nodeCount === 0) return 'no nodes available to schedule pods';
  const counts = new Map<string, number>();
  const ofPod = new Set<string>();
  for (const { reasons, everywhere } of refusals) {
    for (const reason of reasons) {
      if (everywhere) ofPod.add(reason);
      else counts.set(reason, (counts.get(reason) ?? 0) + 1);
    }
  }
  const parts = [...ofPod, ...[...counts].map(([reason, count]) => `${count} ${reason}`).sort()];
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
