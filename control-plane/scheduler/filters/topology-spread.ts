// Topology spread constraints that must hold (DoNotSchedule): no domain may be ahead of the emptiest by more than maxSkew.
import type { TopologySpreadConstraint } from '../../../api/kinds/core/index.ts';
import type { NodeInfo } from '../snapshot/node-info.ts';
import type { PodInfo } from '../snapshot/pod-info.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { spreadSelector, matchesSpread, isEligible } from '../snapshot/spread.ts';
import type { Sentence } from '../sentences.ts';
import { constantRefusal } from './filter.ts';
import type { Filter } from './filter.ts';

const name = 'PodTopologySpread';
const skewed = constantRefusal(name, "node(s) didn't match pod topology spread constraints", true);
const unlabelled = constantRefusal(
  name,
  "node(s) didn't match pod topology spread constraints (missing required label)",
  false,
);

interface CountedConstraint {
  readonly topologyKey: string;
  readonly maxSkew: number;
  /** 1 when the pod counts itself. */
  readonly self: number;
  readonly fewest: number;
  readonly domains: ReadonlyMap<string, number>;
}

export const topologySpread: Filter = {
  name,
  prepare(pod, snapshot) {
    const required = pod.spread.filter((constraint) => constraint.whenUnsatisfiable !== 'ScheduleAnyway');
    if (required.length === 0) return undefined;
    const keys = required.map(({ topologyKey }) => topologyKey);
    const counted = required.map((constraint) => countConstraint(pod, constraint, keys, snapshot));
    const after = (node: NodeInfo, { topologyKey, domains, self }: CountedConstraint): number =>
      (domains.get(node.labels[topologyKey] ?? '') ?? 0) + self;
    const breaks = (node: NodeInfo, constraint: CountedConstraint): boolean =>
      after(node, constraint) - constraint.fewest > constraint.maxSkew;
    return {
      check(node) {
        for (const constraint of counted) {
          if (node.labels[constraint.topologyKey] === undefined) return unlabelled;
          if (breaks(node, constraint)) return skewed;
        }
        return undefined;
      },
      explain(node) {
        return counted.flatMap((constraint): Sentence[] => {
          const { topologyKey, maxSkew, fewest } = constraint;
          const domain = node.labels[topologyKey];
          if (domain === undefined) return [{ key: 'spreadKey', values: { node: node.name, topologyKey } }];
          if (!breaks(node, constraint)) return [];
          return [{ key: 'spread', values: { topologyKey, domain, maxSkew, fewest, count: after(node, constraint) } }];
        });
      },
    };
  },
};

function countConstraint(
  pod: PodInfo,
  constraint: TopologySpreadConstraint,
  keys: readonly string[],
  snapshot: Snapshot,
): CountedConstraint {
  const { topologyKey, maxSkew } = constraint;
  const selector = spreadSelector(constraint, pod.labels);
  const eligible = eligibleDomains(pod, constraint, keys, snapshot);
  /** Pods by domain, where there are any: most domains of a large cluster have none. */
  const domains = new Map<string, number>();
  for (const group of snapshot.groups.values()) {
    if (!matchesSpread(selector, pod.namespace, group)) continue;
    for (const [node, count] of group.nodes) {
      const domain = node.labels[topologyKey];
      if (domain === undefined || !eligible.has(domain) || !isEligible(pod, constraint, node)) continue;
      if (keys.every((key) => node.labels[key] !== undefined)) domains.set(domain, (domains.get(domain) ?? 0) + count);
    }
  }
  const isShort = eligible.size < (constraint.minDomains ?? 1);
  let fewest = domains.size < eligible.size || eligible.size === 0 || isShort ? 0 : Infinity;
  if (fewest !== 0) for (const count of domains.values()) fewest = Math.min(fewest, count);
  const self = matchesSpread(selector, pod.namespace, { ...pod, isTerminating: false }) ? 1 : 0;
  return { topologyKey, maxSkew, self, fewest, domains };
}

/** The domains that count. A pod that may go anywhere shares them with all such pods. */
function eligibleDomains(
  pod: PodInfo,
  constraint: TopologySpreadConstraint,
  keys: readonly string[],
  snapshot: Snapshot,
): ReadonlySet<string> {
  const asksOfNodes = pod.nodeSelector.length > 0 || pod.requiredNodeTerms !== undefined;
  const anywhere = constraint.nodeAffinityPolicy === 'Ignore' || !asksOfNodes;
  if (anywhere && constraint.nodeTaintsPolicy !== 'Honor') return snapshot.domains(constraint.topologyKey, keys);
  const domains = new Set<string>();
  for (const node of snapshot.nodes) {
    const domain = node.labels[constraint.topologyKey];
    if (domain === undefined || domains.has(domain)) continue;
    if (keys.every((key) => node.labels[key] !== undefined) && isEligible(pod, constraint, node)) domains.add(domain);
  }
  return domains;
}
