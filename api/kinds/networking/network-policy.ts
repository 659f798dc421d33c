// NetworkPolicy: which traffic pods take and send. Pods that no policy chooses take and send everything.
import { atomicList, define, int32, intOrString, oneOf, present, required, string } from '../../schema/vocabulary.ts';
import { LabelSelector } from '../meta/label-selector.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';
import { networkPolicyPrinter } from '../printing/network-printers.ts';
import { validateNetworkPolicy } from './rules/network-policy-rules.ts';

export class IPBlock extends define('io.k8s.api.networking.v1.IPBlock', {
  cidr: required(string),
  except: atomicList(string),
}) {}

export class NetworkPolicyPort extends define(
  'io.k8s.api.networking.v1.NetworkPolicyPort',
  {
    endPort: int32,
    port: intOrString,
    protocol: oneOf('SCTP', 'TCP', 'UDP'),
  },
  {
    defaults: { protocol: 'TCP' },
  },
) {}

export class NetworkPolicyPeer extends define('io.k8s.api.networking.v1.NetworkPolicyPeer', {
  ipBlock: IPBlock,
  namespaceSelector: LabelSelector,
  podSelector: LabelSelector,
}) {}

export class NetworkPolicyEgressRule extends define('io.k8s.api.networking.v1.NetworkPolicyEgressRule', {
  ports: atomicList(NetworkPolicyPort),
  to: atomicList(NetworkPolicyPeer),
}) {}

export class NetworkPolicyIngressRule extends define('io.k8s.api.networking.v1.NetworkPolicyIngressRule', {
  from: atomicList(NetworkPolicyPeer),
  ports: atomicList(NetworkPolicyPort),
}) {}

export class NetworkPolicySpec extends define(
  'io.k8s.api.networking.v1.NetworkPolicySpec',
  {
    egress: atomicList(NetworkPolicyEgressRule),
    ingress: atomicList(NetworkPolicyIngressRule),
    podSelector: LabelSelector,
    policyTypes: atomicList(oneOf('Egress', 'Ingress')),
  },
  {
    defaults: {
      podSelector: () => ({}),
      policyTypes: ({ egress }): ('Egress' | 'Ingress')[] =>
        egress === undefined ? ['Ingress'] : ['Ingress', 'Egress'],
    },
  },
) {}

export class NetworkPolicy extends kind('io.k8s.api.networking.v1.NetworkPolicy', {
  spec: present(NetworkPolicySpec),
}) {}

export const networkPolicies: ResourceDefinition<NetworkPolicy> = resource(NetworkPolicy, {
  group: 'networking.k8s.io',
  version: 'v1',
  plural: 'networkpolicies',
  shortNames: ['netpol'],
  namespaced: true,
  printer: networkPolicyPrinter,
  validate: validateNetworkPolicy,
});
