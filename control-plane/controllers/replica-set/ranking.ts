// Which pods of a set go first when there are too many (upstream's ActivePodsWithRanks).
import type { Pod } from '../../../api/kinds/core/index.ts';
import { isReady, mostRestarts, readySinceMs } from '../pod-state.ts';

const deletionCostAnnotation = 'controller.kubernetes.io/pod-deletion-cost';
const phaseOrder: Record<string, number> = { Pending: 0, Unknown: 1, Running: 2 };

export interface Ranked {
  pod: Readonly<Pod>;
  /** Active pods of the same workload on the pod's node; crowded nodes give first. */
  neighbours: number;
}

/** The pods in the order in which they should go. */
export function rankForDeletion(pods: readonly Ranked[], nowMs: number): Readonly<Pod>[] {
  return [...pods].sort((a, b) => compare(a, b, nowMs)).map(({ pod }) => pod);
}

function compare(a: Ranked, b: Ranked, nowMs: number): number {
  return (
    Number(Boolean(a.pod.spec.nodeName)) - Number(Boolean(b.pod.spec.nodeName)) ||
    phaseOf(a.pod) - phaseOf(b.pod) ||
    Number(isReady(a.pod)) - Number(isReady(b.pod)) ||
    costOf(a.pod) - costOf(b.pod) ||
    b.neighbours - a.neighbours ||
    compareAges(readySinceMs(a.pod), readySinceMs(b.pod), nowMs) ||
    mostRestarts(b.pod) - mostRestarts(a.pod) ||
    compareAges(Date.parse(a.pod.metadata.creationTimestamp), Date.parse(b.pod.metadata.creationTimestamp), nowMs) ||
    (a.pod.metadata.uid < b.pod.metadata.uid ? -1 : 1)
  );
}

function phaseOf(pod: Readonly<Pod>): number {
  return phaseOrder[pod.status?.phase ?? 'Pending'] ?? 1;
}

function costOf(pod: Readonly<Pod>): number {
  const text = pod.metadata.annotations?.[deletionCostAnnotation];
  return text !== undefined && /^-?(0|[1-9]\d*)$/.test(text) ? Number(text) : 0;
}

/** The younger first, ages compared by their order of magnitude only, so that the choice among alike pods varies. */
function compareAges(aMs: number | undefined, bMs: number | undefined, nowMs: number): number {
  if (aMs === undefined || bMs === undefined || aMs === bMs) return 0;
  if (aMs === 0 || bMs === 0) return aMs === 0 ? -1 : 1;
  return magnitude(nowMs - aMs) - magnitude(nowMs - bMs);
}

function magnitude(ageMs: number): number {
  return Math.floor(Math.log2(Math.max(ageMs, 0) / 1000 + 1));
}
