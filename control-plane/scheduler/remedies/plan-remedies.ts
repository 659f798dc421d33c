// The cheapest single changes that would let a pod fit. Each is rehearsed on a copy of the cluster against every filter
// before it is suggested; the snapshot that is asked about is not touched.
import { firstRefusal, prepareFilters } from '../schedule.ts';
import type { PreparedFilter } from '../filters/index.ts';
import type { Profile } from '../profile.ts';
import type { Sentence } from '../sentences.ts';
import type { NodeInfo } from '../snapshot/node-info.ts';
import type { PodInfo } from '../snapshot/pod-info.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { candidatesFor } from './candidates.ts';
import { applyChange } from './change.ts';
import type { Remedy } from './remedy.ts';

export type { Remedy, RemedyKind } from './remedy.ts';

const mostSuggestions = 5;
/** Rehearsals for one question, the cheapest candidates first. */
const mostTrials = 200;
/** A node with more objections than this is beyond a single change. */
const mostObjections = 3;

/** The changes that each alone would let the pod fit on some node, the cheapest first. */
export function planRemedies(snapshot: Snapshot, pod: PodInfo, profile: Profile): Remedy[] {
  const filters = prepareFilters(snapshot, pod, profile);
  const candidates = snapshot.nodes
    .flatMap((node) => candidatesOf(node, pod, snapshot, filters))
    .sort((a, b) => a.cost - b.cost)
    .slice(0, mostTrials);
  if (candidates.length === 0) return [];
  const copy = snapshot.clone();
  const remedies: Remedy[] = [];
  for (const candidate of candidates) {
    if (remedies.length === mostSuggestions) break;
    if (helps(copy, pod, profile, candidate)) remedies.push(candidate);
  }
  return remedies;
}

function candidatesOf(
  node: NodeInfo,
  pod: PodInfo,
  snapshot: Snapshot,
  filters: readonly PreparedFilter[],
): readonly Remedy[] {
  const objections: Sentence[] = [];
  let objecting = 0;
  for (const filter of filters) {
    if (!filter.check(node)) continue;
    if (++objecting > mostObjections) return [];
    objections.push(...filter.explain(node));
  }
  return [...candidatesFor(node, pod, snapshot, objections)];
}

/** Whether the pod fits on the candidate's node once the change is made. */
function helps(copy: Snapshot, pod: PodInfo, profile: Profile, { node, change }: Remedy): boolean {
  const applied = applyChange(copy, pod, change);
  try {
    const target = copy.node(node);
    return target !== undefined && firstRefusal(prepareFilters(copy, applied.pod, profile), target) === undefined;
  } finally {
    applied.undo();
  }
}
