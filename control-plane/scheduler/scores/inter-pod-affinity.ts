// Preferred pod affinity and anti-affinity, both ways: what the pod prefers, and what pods already there prefer of it.
// A required affinity of pods already there counts as a preference of weight 1, as upstream.
import type { NodeInfo } from '../snapshot/node-info.ts';
import type { PodInfo } from '../snapshot/pod-info.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { CompiledPodTerm } from '../snapshot/terms.ts';
import { scaleBetween } from './score.ts';
import type { Score } from './score.ts';

const hardAffinityWeight = 1;

type Domains = Map<string, Map<string, number>>;

export const preferredPods: Score = {
  name: 'InterPodAffinity',
  prepare(pod, snapshot) {
    const domains: Domains = new Map();
    addOwnPreferences(pod, snapshot, domains);
    addPreferencesOfOthers(pod, snapshot, domains);
    if (domains.size === 0) return undefined;
    return {
      score(node) {
        let sum = 0;
        for (const [topologyKey, values] of domains) sum += values.get(node.labels[topologyKey] ?? '') ?? 0;
        return sum;
      },
      normalize: scaleBetween,
    };
  },
};

function addOwnPreferences(pod: PodInfo, snapshot: Snapshot, domains: Domains): void {
  const add = (term: CompiledPodTerm, weight: number): void => {
    for (const group of snapshot.groups.values()) {
      if (term.matches(group.namespace, group.labels, snapshot.namespaceLabels)) {
        addDomains(domains, term.topologyKey, group.nodes, weight);
      }
    }
  };
  for (const { term, weight } of pod.preferredAffinity) add(term, weight);
  for (const { term, weight } of pod.preferredAntiAffinity) add(term, -weight);
}

function addPreferencesOfOthers(pod: PodInfo, snapshot: Snapshot, domains: Domains): void {
  for (const { sample, nodes } of snapshot.termGroups.values()) {
    const add = (term: CompiledPodTerm, weight: number): void => {
      if (term.matches(pod.namespace, pod.labels, snapshot.namespaceLabels)) {
        addDomains(domains, term.topologyKey, nodes, weight);
      }
    };
    for (const term of sample.affinity) add(term, hardAffinityWeight);
    for (const { term, weight } of sample.preferredAffinity) add(term, weight);
    for (const { term, weight } of sample.preferredAntiAffinity) add(term, -weight);
  }
}

function addDomains(domains: Domains, topologyKey: string, nodes: ReadonlyMap<NodeInfo, number>, weight: number): void {
  let values = domains.get(topologyKey);
  if (!values) domains.set(topologyKey, (values = new Map()));
  for (const [node, count] of nodes) {
    const domain = node.labels[topologyKey];
    if (domain !== undefined) values.set(domain, (values.get(domain) ?? 0) + count * weight);
  }
}
