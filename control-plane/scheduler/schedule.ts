// The decision: a pure function of snapshot, pod and profile. It changes nothing and asks nobody; the same input gives
// the same answer. A large cluster is searched in part, from a place that moves on with each decision.
import type { PreparedFilter, Refusal } from './filters/index.ts';
import type { Profile } from './profile.ts';
import type { PreparedScore } from './scores/score.ts';
import type { NodeInfo } from './snapshot/node-info.ts';
import type { PodInfo } from './snapshot/pod-info.ts';
import type { Snapshot } from './snapshot/snapshot.ts';

export type Decision =
  | {
      readonly placed: true;
      readonly node: NodeInfo;
      /** The winner's total, and its weighted parts by score. */
      readonly total: number;
      readonly parts: Readonly<Record<string, number>>;
      readonly feasible: number;
      /** How many nodes were looked at: where the next search begins. */
      readonly searched: number;
    }
  | {
      readonly placed: false;
      /** Every node, with the first filter that refused it. */
      readonly refusals: ReadonlyMap<NodeInfo, Refusal>;
    };

export interface Search {
  /** Where in the snapshot's order to begin. */
  readonly start: number;
  /** Stop once so many nodes fit; default by the size of the cluster. */
  readonly enough?: number;
}

/** Where to search for a profile's pods, and how far. */
export function searchOf({ percentageOfNodesToScore }: Profile, nodeCount: number, start: number): Search {
  if (!percentageOfNodesToScore) return { start };
  return {
    start,
    enough: Math.min(nodeCount, Math.max(100, Math.floor((nodeCount * percentageOfNodesToScore) / 100))),
  };
}

const fromTheStart: Search = { start: 0 };

/** Finds the best node for a pod among those that pass every filter. */
export function schedule(snapshot: Snapshot, pod: PodInfo, profile: Profile, search: Search = fromTheStart): Decision {
  const filters = prepareFilters(snapshot, pod, profile);
  const { nodes } = snapshot;
  const nowhere = filters.find(({ everywhere }) => everywhere)?.everywhere;
  if (nowhere) return { placed: false, refusals: new Map(nodes.map((node) => [node, nowhere])) };
  const enough = search.enough ?? enoughNodes(nodes.length);
  const feasible: NodeInfo[] = [];
  const refusals = new Map<NodeInfo, Refusal>();
  let searched = 0;
  for (; searched < nodes.length && feasible.length < enough; searched++) {
    const node = nodes[(search.start + searched) % nodes.length];
    if (!node) continue;
    const refusal = firstRefusal(filters, node);
    if (refusal === undefined) feasible.push(node);
    else refusals.set(node, refusal);
  }
  if (feasible.length === 0) return { placed: false, refusals };
  return { ...best(snapshot, pod, profile, feasible), feasible: feasible.length, searched };
}

/** The filters that have something to say about a pod, ready to be asked. */
export function prepareFilters(snapshot: Snapshot, pod: PodInfo, profile: Profile): PreparedFilter[] {
  const prepared: PreparedFilter[] = [];
  for (const filter of profile.filters) {
    const one = filter.prepare(pod, snapshot);
    if (one) prepared.push(one);
  }
  return prepared;
}

/** Why a node does not fit, by the first filter that says so. */
export function firstRefusal(filters: readonly PreparedFilter[], node: NodeInfo): Refusal | undefined {
  for (const filter of filters) {
    const refusal = filter.check(node);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** How many fitting nodes are enough: all of 100, 42 % of 1,000, 10 % of 5,000, never less than 5 % (upstream's rule). */
export function enoughNodes(total: number): number {
  if (total <= 100) return total;
  const percent = Math.max(5, 50 - total / 125);
  return Math.max(100, Math.floor((total * percent) / 100));
}

function best(
  snapshot: Snapshot,
  pod: PodInfo,
  profile: Profile,
  nodes: readonly NodeInfo[],
): { placed: true; node: NodeInfo; total: number; parts: Record<string, number> } {
  const totals = new Float64Array(nodes.length);
  const columns: { name: string; figures: Float64Array }[] = [];
  for (const { score, weight } of profile.scores) {
    const prepared = nodes.length === 1 ? undefined : score.prepare(pod, snapshot, nodes);
    if (!prepared) continue;
    const figures = weigh(prepared, nodes, weight);
    for (let i = 0; i < totals.length; i++) totals[i] = (totals[i] ?? 0) + (figures[i] ?? 0);
    columns.push({ name: score.name, figures });
  }
  let winner = 0;
  for (let i = 1; i < totals.length; i++) if ((totals[i] ?? 0) > (totals[winner] ?? 0)) winner = i;
  const node = nodes[winner];
  if (!node) throw new Error('a decision among no nodes');
  const parts = Object.fromEntries(columns.map(({ name, figures }) => [name, figures[winner] ?? 0]));
  return { placed: true, node, total: totals[winner] ?? 0, parts };
}

function weigh(prepared: PreparedScore, nodes: readonly NodeInfo[], weight: number): Float64Array {
  const figures = new Float64Array(nodes.length);
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i];
    if (node) figures[i] = prepared.score(node);
  }
  prepared.normalize?.(figures);
  for (let i = 0; i < figures.length; i++) figures[i] = (figures[i] ?? 0) * weight;
  return figures;
}
