// NetworkPolicies as sets and chains for the pods of this node. Pure.
// A pod that a policy isolates in a direction gets one map element, leading to the chain of exactly its policies (pods
// with the same policies share it). Peers and named ports are sets, so pods that come and go only change elements.
import { createHash } from 'node:crypto';
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '../../../api/kinds/networking/index.ts';
import { matchesLabelSelector } from '../../../api/meta/selectors.ts';
import { blockElements } from './blocks.ts';
import type { PeerSelector, PodDirectory, PodFacts } from './directory.ts';

type Direction = 'ingress' | 'egress';

export interface PolicyPlan {
  /** Set → its declaration and elements. */
  readonly sets: Map<string, { readonly spec: string; readonly elements: Set<string> }>;
  readonly chains: Map<string, readonly string[]>;
  /** Elements of the three declared sets: local pods that are isolated, and their own address pairs. */
  readonly isolated: Record<Direction, Map<string, string>>;
  readonly self: Set<string>;
}

interface Rule {
  readonly peers: readonly Readonly<NetworkPolicyPeer>[];
  readonly ports: readonly Readonly<NetworkPolicyPort>[];
}

const hash = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);

/** Whether a policy isolates in this direction (`policyTypes`, or its default when absent). */
function isolates({ spec }: Readonly<NetworkPolicy>, direction: Direction): boolean {
  const types = spec.policyTypes ?? (spec.egress === undefined ? ['Ingress'] : ['Ingress', 'Egress']);
  return types.includes(direction === 'ingress' ? 'Ingress' : 'Egress');
}

function rulesOf({ spec }: Readonly<NetworkPolicy>, direction: Direction): Rule[] {
  return direction === 'ingress'
    ? (spec.ingress ?? []).map(({ from = [], ports = [] }) => ({ peers: from, ports }))
    : (spec.egress ?? []).map(({ to = [], ports = [] }) => ({ peers: to, ports }));
}

/** The plan for the pods of one node. */
export function planPolicies(
  policies: readonly Readonly<NetworkPolicy>[],
  directory: PodDirectory,
  nodeName: string,
): PolicyPlan {
  const plan: PolicyPlan = {
    sets: new Map(),
    chains: new Map(),
    isolated: { ingress: new Map(), egress: new Map() },
    self: new Set(),
  };
  const local = directory.onNode(nodeName);
  for (const direction of ['ingress', 'egress'] as const) {
    const byChain = new Map<string, { policies: Readonly<NetworkPolicy>[]; pods: PodFacts[] }>();
    for (const pod of local) {
      const selecting = policies.filter(
        (policy) =>
          policy.metadata.namespace === pod.namespace &&
          isolates(policy, direction) &&
          matchesLabelSelector(policy.spec.podSelector ?? {}, pod.labels),
      );
      if (selecting.length === 0) continue;
      const names = selecting.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort();
      const chain = `${direction}-${hash(names)}`;
      const sharing = byChain.get(chain);
      if (sharing === undefined) byChain.set(chain, { policies: selecting, pods: [pod] });
      else sharing.pods.push(pod);
      plan.isolated[direction].set(pod.address, `goto ${chain}`);
      plan.self.add(`${pod.address} . ${pod.address}`);
    }
    for (const [chain, { policies: selecting, pods }] of byChain) {
      const rules = selecting.flatMap((policy) =>
        rulesOf(policy, direction).flatMap((rule, index) => {
          const namedSet = `named-${hash([policy.metadata.namespace, policy.metadata.name, direction, index])}`;
          return ruleTexts(plan, directory, policy.metadata.namespace ?? '', rule, { direction, namedSet, pods });
        }),
      );
      plan.chains.set(chain, [...new Set(rules), 'drop']);
    }
  }
  return plan;
}

interface RuleContext {
  readonly direction: Direction;
  readonly namedSet: string;
  /** The pods under this policy, whose named ports ingress rules mean. */
  readonly pods: readonly PodFacts[];
}

function ruleTexts(
  plan: PolicyPlan,
  directory: PodDirectory,
  namespace: string,
  rule: Rule,
  context: RuleContext,
): string[] {
  const side = context.direction === 'ingress' ? 'ip saddr' : 'ip daddr';
  const selectors = rule.peers
    .filter(({ ipBlock }) => ipBlock === undefined)
    .map((peer) => peerSelector(peer, namespace));
  const blocks = rule.peers.flatMap(({ ipBlock }) => (ipBlock === undefined ? [] : [ipBlock]));
  const matches: string[] = rule.peers.length === 0 ? [''] : [];
  for (const selector of selectors) {
    const name = `pods-${hash(selector)}`;
    const addresses = [...directory.members(selector).values()].map(({ address }) => address);
    plan.sets.set(name, { spec: 'type ipv4_addr;', elements: new Set(addresses) });
    matches.push(`${side} @${name} `);
  }
  const elements = blockElements(blocks);
  if (elements.length > 0) {
    const name = `blocks-${hash(elements)}`;
    plan.sets.set(name, { spec: 'type ipv4_addr; flags interval;', elements: new Set(elements) });
    matches.push(`${side} @${name} `);
  }
  const targets =
    context.direction === 'ingress' ? context.pods : selectors.flatMap((peer) => [...directory.members(peer).values()]);
  const everywhere = context.direction === 'egress' && rule.peers.length === 0;
  const named = everywhere ? [...directory.members({ namespaces: {} }).values()] : targets;
  const ports = portMatches(plan, rule.ports, context.namedSet, named);
  return matches.flatMap((match) => ports.map((port) => `${match}${port}accept`));
}

function peerSelector(peer: Readonly<NetworkPolicyPeer>, namespace: string): PeerSelector {
  const { namespaceSelector, podSelector } = peer;
  return namespaceSelector === undefined
    ? { namespace, pods: podSelector }
    : { namespaces: namespaceSelector, ...(podSelector === undefined ? {} : { pods: podSelector }) };
}

/** Matches for the ports of a rule, each with a trailing space; one empty match when every port is meant. */
function portMatches(
  plan: PolicyPlan,
  ports: readonly Readonly<NetworkPolicyPort>[],
  namedSet: string,
  targets: readonly PodFacts[],
): string[] {
  if (ports.length === 0) return [''];
  const matches: string[] = [];
  const named = new Set<string>();
  let isNamed = false;
  for (const { protocol: upper = 'TCP', port, endPort } of ports) {
    const protocol = upper.toLowerCase();
    if (port === undefined) matches.push(`meta l4proto ${protocol} `);
    else if (typeof port === 'number') {
      matches.push(`meta l4proto ${protocol} th dport ${endPort === undefined ? port : `${port}-${endPort}`} `);
    } else {
      isNamed = true;
      for (const { address, ports: declared } of targets) {
        for (const each of declared) {
          if (each.name === port && each.protocol === protocol) named.add(`${address} . ${protocol} . ${each.port}`);
        }
      }
    }
  }
  if (isNamed) {
    // The same rule may stand in several chains, each with other pods.
    const elements = new Set([...(plan.sets.get(namedSet)?.elements ?? []), ...named]);
    plan.sets.set(namedSet, { spec: 'type ipv4_addr . inet_proto . inet_service;', elements });
    matches.push(`ip daddr . meta l4proto . th dport @${namedSet} `);
  }
  return matches;
}
