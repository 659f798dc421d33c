// Why a pod is where it is, or nowhere: every node with each score's part or every refusal in a sentence, and the
// cheapest changes that would let it fit. Pure, and worked out only when somebody asks.
import { prepareFilters } from './schedule.ts';
import type { PreparedFilter } from './filters/index.ts';
import type { Profile } from './profile.ts';
import { withoutNode } from './free-pod.ts';
import { planRemedies } from './remedies/plan-remedies.ts';
import type { Remedy } from './remedies/plan-remedies.ts';
import type { NodeInfo } from './snapshot/node-info.ts';
import type { PodInfo } from './snapshot/pod-info.ts';
import type { Snapshot } from './snapshot/snapshot.ts';
import type { Sentence } from './sentences.ts';

export interface NodeExplanation {
  readonly node: string;
  readonly fits: boolean;
  /** For nodes that fit: the weighted part of each score, and their sum. */
  readonly parts?: Readonly<Record<string, number>>;
  readonly total?: number;
  /** For the others: each filter that refuses, in upstream's words and in sentences with numbers. */
  readonly refusals?: readonly { filter: string; reasons: readonly string[]; sentences: readonly Sentence[] }[];
}

export interface Explanation {
  /** The node that the pod is bound to. */
  readonly node: string | undefined;
  /** The best node first, then the others that fit, then those that refuse. */
  readonly nodes: readonly NodeExplanation[];
  /** How many nodes each reason keeps the pod from. */
  readonly counts: readonly { filter: string; reason: string; nodes: number }[];
  /** For a pod that fits nowhere: what would help, the cheapest first. */
  readonly remedies: readonly Remedy[];
}

/** Explains a pod as if it were to be placed now; a bound one is lifted from its node for that, and put back. */
export function explainPlacement(snapshot: Snapshot, pod: PodInfo, profile: Profile): Explanation {
  const host = snapshot.nodeOf(pod.key);
  const placed = host?.pods.get(pod.key);
  const unbound = withoutNode(pod);
  snapshot.removePod(pod.key);
  try {
    const filters = prepareFilters(snapshot, unbound, profile);
    const refused = new Map<NodeInfo, NodeExplanation>();
    const feasible: NodeInfo[] = [];
    for (const node of snapshot.nodes) {
      const refusals = refusalsOf(filters, node);
      if (refusals.length === 0) feasible.push(node);
      else refused.set(node, { node: node.name, fits: false, refusals });
    }
    return {
      node: host?.name,
      nodes: [...scoreNodes(snapshot, unbound, profile, feasible), ...refused.values()],
      counts: countReasons(refused.values()),
      remedies: feasible.length > 0 ? [] : planRemedies(snapshot, unbound, profile),
    };
  } finally {
    if (host && placed) snapshot.setPod(placed, host.name);
  }
}

function refusalsOf(filters: readonly PreparedFilter[], node: NodeInfo): NonNullable<NodeExplanation['refusals']> {
  return filters.flatMap((filter) => {
    const refusal = filter.check(node);
    return refusal ? [{ filter: refusal.filter, reasons: refusal.reasons, sentences: filter.explain(node) }] : [];
  });
}

function scoreNodes(snapshot: Snapshot, pod: PodInfo, profile: Profile, nodes: readonly NodeInfo[]): NodeExplanation[] {
  const parts = nodes.map((): Record<string, number> => ({}));
  for (const { score, weight } of profile.scores) {
    const prepared = score.prepare(pod, snapshot, nodes);
    if (!prepared) continue;
    const figures = Float64Array.from(nodes, (node) => prepared.score(node));
    prepared.normalize?.(figures);
    figures.forEach((figure, i) => {
      const part = parts[i];
      if (part) part[score.name] = figure * weight;
    });
  }
  const explained = nodes.map((node, i) => {
    const own = parts[i] ?? {};
    return { node: node.name, fits: true, parts: own, total: Object.values(own).reduce((sum, part) => sum + part, 0) };
  });
  return explained.sort((a, b) => b.total - a.total);
}

function countReasons(refused: Iterable<NodeExplanation>): { filter: string; reason: string; nodes: number }[] {
  const counts = new Map<string, { filter: string; reason: string; nodes: number }>();
  for (const { refusals = [] } of refused) {
    for (const { filter, reasons } of refusals) {
      for (const reason of reasons) {
        const count = counts.get(reason) ?? { filter, reason, nodes: 0 };
        count.nodes++;
        counts.set(reason, count);
      }
    }
  }
  return [...counts.values()].sort((a, b) => b.nodes - a.nodes);
}
