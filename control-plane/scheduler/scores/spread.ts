// Fewer matching pods in a node's domain is better: for constraints that should hold (ScheduleAnyway), and by default
// for the pods of one controller over hosts and zones. Figures as upstream: counts weighed by the number of domains.
import type { NodeInfo } from '../snapshot/node-info.ts';
import type { PodInfo } from '../snapshot/pod-info.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { matchesSpread, spreadSelector } from '../snapshot/spread.ts';
import { maxScore } from './score.ts';
import type { Score } from './score.ts';

const hostKey = 'kubernetes.io/hostname';
const zoneKey = 'topology.kubernetes.io/zone';

interface WeighedConstraint {
  readonly topologyKey: string;
  readonly maxSkew: number;
  readonly weight: number;
  /** Matching pods by domain; hosts are counted node by node. */
  readonly count: (node: NodeInfo) => number;
}

export const spread: Score = {
  name: 'PodTopologySpread',
  prepare(pod, snapshot, nodes) {
    const soft = pod.spread.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'ScheduleAnyway');
    const constraints =
      soft.length > 0
        ? soft.map((constraint) => {
            const selector = spreadSelector(constraint, pod.labels);
            const perNode = countPerNode(snapshot, (group) => matchesSpread(selector, pod.namespace, group));
            return weigh(constraint.topologyKey, constraint.maxSkew, nodes, perNode);
          })
        : defaultConstraints(pod, nodes);
    if (constraints.length === 0) return undefined;
    const required = soft.length > 0 ? constraints.map(({ topologyKey }) => topologyKey) : [];
    return {
      score(node) {
        if (required.some((key) => node.labels[key] === undefined)) return -1;
        let sum = 0;
        for (const constraint of constraints)
          sum += constraint.count(node) * constraint.weight + (constraint.maxSkew - 1);
        return Math.round(sum);
      },
      normalize,
    };
  },
};

/** Pods of one controller over hosts (at most 3 apart) and zones (at most 5 apart), upstream's defaults. */
function defaultConstraints({ spread: own, controllerUid }: PodInfo, nodes: readonly NodeInfo[]): WeighedConstraint[] {
  if (own.length > 0 || controllerUid === undefined) return [];
  const perNode = (node: NodeInfo): number => node.byController.get(controllerUid) ?? 0;
  const hosts: WeighedConstraint = {
    topologyKey: hostKey,
    maxSkew: 3,
    weight: Math.log(nodes.length + 2),
    count: perNode,
  };
  const zoned = nodes.some((node) => node.labels[zoneKey] !== undefined);
  return zoned ? [hosts, weigh(zoneKey, 5, nodes, perNode)] : [hosts];
}

function weigh(
  topologyKey: string,
  maxSkew: number,
  nodes: readonly NodeInfo[],
  perNode: (node: NodeInfo) => number,
): WeighedConstraint {
  if (topologyKey === hostKey) return { topologyKey, maxSkew, weight: Math.log(nodes.length + 2), count: perNode };
  const domains = new Map<string, number>();
  for (const node of nodes) {
    const domain = node.labels[topologyKey];
    if (domain !== undefined) domains.set(domain, (domains.get(domain) ?? 0) + perNode(node));
  }
  const count = (node: NodeInfo): number => domains.get(node.labels[topologyKey] ?? '') ?? 0;
  return { topologyKey, maxSkew, weight: Math.log(domains.size + 2), count };
}

function countPerNode(
  snapshot: Snapshot,
  matches: (group: { namespace: string; labels: Readonly<Record<string, string>>; isTerminating: boolean }) => boolean,
): (node: NodeInfo) => number {
  const counts = new Map<NodeInfo, number>();
  for (const group of snapshot.groups.values()) {
    if (!matches(group)) continue;
    for (const [node, count] of group.nodes) counts.set(node, (counts.get(node) ?? 0) + count);
  }
  return (node) => counts.get(node) ?? 0;
}

/** The fewest become 100; nodes without the labels (-1) become 0. */
function normalize(figures: Float64Array): void {
  let smallest = Infinity;
  let largest = 0;
  for (const figure of figures) {
    if (figure < 0) continue;
    smallest = Math.min(smallest, figure);
    largest = Math.max(largest, figure);
  }
  for (let i = 0; i < figures.length; i++) {
    const figure = figures[i] ?? 0;
    if (figure < 0) figures[i] = 0;
    else figures[i] = largest === 0 ? maxScore : Math.floor((maxScore * (largest + smallest - figure)) / largest);
  }
}
