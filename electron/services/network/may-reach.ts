// Whether NetworkPolicies let one pod reach another on a port, and which of them decide
// (https://kubernetes.io/docs/concepts/services-networking/network-policies/): both directions must allow it. Pure.
// Address blocks are matched by the peer's address; named ports by the target's own containers.
import ipaddr from 'ipaddr.js';
import type { ReachAnswer, ReachQuestion, ReachVerdict } from '../../../api/console/index.ts';
import type { Namespace, Pod } from '../../../api/kinds/core/index.ts';
import type { NetworkPolicy } from '../../../api/kinds/networking/index.ts';
import { matchesLabelSelector } from '../../../api/meta/selectors.ts';

export interface ReachFacts {
  readonly from: Pod;
  readonly to: Pod;
  readonly namespaces: readonly Namespace[];
  readonly policies: readonly NetworkPolicy[];
}

type Spec = NonNullable<NetworkPolicy['spec']>;
type Rule = {
  readonly ports?: NonNullable<Spec['ingress']>[number]['ports'];
  readonly peers?: NonNullable<Spec['ingress']>[number]['from'];
};
type Peer = NonNullable<Rule['peers']>[number];
type Direction = 'Ingress' | 'Egress';

function inBlock(address: string | undefined, block: NonNullable<Peer['ipBlock']>): boolean {
  if (!address) return false;
  const parsed = ipaddr.parse(address);
  const isIn = (cidr: string): boolean => {
    const range = ipaddr.parseCIDR(cidr);
    return range[0].kind() === parsed.kind() && parsed.match(range);
  };
  return isIn(block.cidr) && !(block.except ?? []).some(isIn);
}

function matchesPeer(peer: Peer, policyNamespace: string, pod: Pod, namespaces: readonly Namespace[]): boolean {
  if (peer.ipBlock) return inBlock(pod.status?.podIP, peer.ipBlock);
  const inside = pod.metadata.namespace ?? '';
  if (peer.namespaceSelector) {
    const labels = namespaces.find(({ metadata }) => metadata.name === inside)?.metadata.labels ?? {};
    if (!matchesLabelSelector(peer.namespaceSelector, labels)) return false;
  } else if (inside !== policyNamespace) return false;
  return peer.podSelector === undefined || matchesLabelSelector(peer.podSelector, pod.metadata.labels ?? {});
}

function matchesPort(rule: Rule, target: Pod, { port, protocol }: ReachQuestion): boolean {
  if (!rule.ports?.length) return true;
  return rule.ports.some((wanted) => {
    if ((wanted.protocol ?? 'TCP') !== protocol) return false;
    if (wanted.port === undefined) return true;
    if (typeof wanted.port === 'number') return port >= wanted.port && port <= (wanted.endPort ?? wanted.port);
    return target.spec.containers.some(({ ports }) =>
      ports?.some(
        (one) => one.name === wanted.port && one.containerPort === port && (one.protocol ?? 'TCP') === protocol,
      ),
    );
  });
}

function applies(policy: NetworkPolicy, pod: Pod, direction: Direction): boolean {
  const { spec, metadata } = policy;
  if (spec === undefined || metadata.namespace !== pod.metadata.namespace) return false;
  const types = spec.policyTypes ?? ['Ingress', ...(spec.egress ? (['Egress'] as const) : [])];
  return types.includes(direction) && matchesLabelSelector(spec.podSelector ?? {}, pod.metadata.labels ?? {});
}

function verdict(facts: ReachFacts, question: ReachQuestion, direction: Direction): ReachVerdict {
  const [own, peer] = direction === 'Ingress' ? [facts.to, facts.from] : [facts.from, facts.to];
  const policies = facts.policies
    .filter((policy) => applies(policy, own, direction))
    .map(({ spec, metadata }) => {
      const rules: readonly Rule[] =
        direction === 'Ingress'
          ? (spec?.ingress ?? []).map(({ from, ports }) => ({ peers: from, ports }))
          : (spec?.egress ?? []).map(({ to, ports }) => ({ peers: to, ports }));
      const namespace = metadata.namespace ?? '';
      const allows = rules.some(
        (rule) =>
          matchesPort(rule, facts.to, question) &&
          (!rule.peers?.length || rule.peers.some((one) => matchesPeer(one, namespace, peer, facts.namespaces))),
      );
      return { namespace, name: metadata.name, allows };
    });
  return { allowed: policies.length === 0 || policies.some(({ allows }) => allows), policies };
}

/** The answer for both directions. */
export function mayReach(facts: ReachFacts, question: ReachQuestion): ReachAnswer {
  const egress = verdict(facts, question, 'Egress');
  const ingress = verdict(facts, question, 'Ingress');
  return { allowed: egress.allowed && ingress.allowed, egress, ingress };
}
