// Pod affinity and anti-affinity: near pods that the pod wants, away from those it must avoid, and from those that must
// avoid it. Domains are counted once per decision, from groups of alike pods.
import type { NodeInfo } from '../snapshot/node-info.ts';
import type { PodInfo } from '../snapshot/pod-info.ts';
import type { PodGroup, Snapshot } from '../snapshot/snapshot.ts';
import type { CompiledPodTerm } from '../snapshot/terms.ts';
import type { Sentence } from '../sentences.ts';
import { constantRefusal } from './filter.ts';
import type { Filter, Refusal } from './filter.ts';

const name = 'InterPodAffinity';
const noAffinity: Refusal = constantRefusal(name, "node(s) didn't match pod affinity rules", false);
const antiAffinity: Refusal = constantRefusal(name, "node(s) didn't match pod anti-affinity rules", true);
const existingAntiAffinity: Refusal = constantRefusal(
  name,
  "node(s) didn't satisfy existing pods anti-affinity rules",
  true,
);

/** A term with how many matching pods each domain of its topology holds. */
interface CountedTerm {
  readonly topologyKey: string;
  readonly domains: Map<string, number>;
}

export const interPodAffinity: Filter = {
  name,
  prepare(pod, snapshot) {
    const wanted = countAffinity(pod, snapshot);
    const avoided = pod.antiAffinity.map((term) => countTerm(term, snapshot));
    const avoiding = countExistingAntiAffinity(pod, snapshot);
    if (wanted.length + avoided.length + avoiding.length === 0) return undefined;
    // The first of a group that wants to be together may go anywhere.
    const isFirst = wanted.every((term) => term.domains.size === 0) && matchesItself(pod, snapshot);

    const holds = (node: NodeInfo, { topologyKey, domains }: CountedTerm): number => {
      const domain = node.labels[topologyKey];
      return domain === undefined ? 0 : (domains.get(domain) ?? 0);
    };
    const missing = (node: NodeInfo): readonly CountedTerm[] =>
      wanted.filter((term) => node.labels[term.topologyKey] === undefined || (!isFirst && holds(node, term) === 0));
    return {
      check(node) {
        if (avoiding.some((term) => holds(node, term) > 0)) return existingAntiAffinity;
        if (wanted.length > 0 && missing(node).length > 0) return noAffinity;
        return avoided.some((term) => holds(node, term) > 0) ? antiAffinity : undefined;
      },
      explain: (node) => [
        ...missing(node).map((term): Sentence => explainMissing(node, term)),
        ...avoided
          .filter((term) => holds(node, term) > 0)
          .map((term): Sentence => {
            const { topologyKey } = term;
            return {
              key: 'antiAffinity',
              values: { topologyKey, domain: node.labels[topologyKey] ?? '', count: holds(node, term) },
            };
          }),
        ...avoiding
          .filter((term) => holds(node, term) > 0)
          .map(({ topologyKey }): Sentence => {
            return { key: 'existingAntiAffinity', values: { topologyKey, domain: node.labels[topologyKey] ?? '' } };
          }),
      ],
    };
  },
};

/** Counts the pods that match every affinity term, per domain of each. */
function countAffinity(pod: PodInfo, snapshot: Snapshot): CountedTerm[] {
  if (pod.affinity.length === 0) return [];
  const counted = pod.affinity.map(({ topologyKey }): CountedTerm => ({ topologyKey, domains: new Map() }));
  for (const group of snapshot.groups.values()) {
    if (!pod.affinity.every((term) => matchesGroup(term, group, snapshot))) continue;
    for (const term of counted) addDomains(term, group.nodes);
  }
  return counted;
}

function countTerm(term: CompiledPodTerm, snapshot: Snapshot): CountedTerm {
  const counted: CountedTerm = { topologyKey: term.topologyKey, domains: new Map() };
  for (const group of snapshot.groups.values()) {
    if (matchesGroup(term, group, snapshot)) addDomains(counted, group.nodes);
  }
  return counted;
}

/** The domains that pods already there must keep free of this pod. */
function countExistingAntiAffinity(pod: PodInfo, snapshot: Snapshot): CountedTerm[] {
  const byTopology = new Map<string, CountedTerm>();
  for (const { sample, nodes } of snapshot.termGroups.values()) {
    for (const term of sample.antiAffinity) {
      if (!term.matches(pod.namespace, pod.labels, snapshot.namespaceLabels)) continue;
      let counted = byTopology.get(term.topologyKey);
      if (!counted) byTopology.set(term.topologyKey, (counted = { topologyKey: term.topologyKey, domains: new Map() }));
      addDomains(counted, nodes);
    }
  }
  return [...byTopology.values()];
}

function addDomains({ topologyKey, domains }: CountedTerm, nodes: ReadonlyMap<NodeInfo, number>): void {
  for (const [node, count] of nodes) {
    const domain = node.labels[topologyKey];
    if (domain !== undefined) domains.set(domain, (domains.get(domain) ?? 0) + count);
  }
}

function matchesGroup(term: CompiledPodTerm, group: PodGroup, snapshot: Snapshot): boolean {
  return term.matches(group.namespace, group.labels, snapshot.namespaceLabels);
}

function matchesItself(pod: PodInfo, snapshot: Snapshot): boolean {
  return pod.affinity.every((term) => term.matches(pod.namespace, pod.labels, snapshot.namespaceLabels));
}

function explainMissing(node: NodeInfo, { topologyKey }: CountedTerm): Sentence {
  const domain = node.labels[topologyKey];
  if (domain === undefined) return { key: 'affinityKey', values: { node: node.name, topologyKey } };
  return { key: 'affinity', values: { topologyKey, domain } };
}
