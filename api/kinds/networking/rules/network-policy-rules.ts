// Rules of network policies.
import { cidrFamily } from '../../../meta/ip.ts';
import { forbiddenField, invalidValue, required, type FieldError } from '../../../schema/field-error.ts';
import { checkPort } from '../../core/rules/checks.ts';
import { validateLabelSelector } from '../../meta/label-selector-rules.ts';
import type { IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '../network-policy.ts';

/** Checks a network policy. */
export function validateNetworkPolicy({ spec }: NetworkPolicy): FieldError[] {
  const errors = validateLabelSelector(spec.podSelector, 'spec.podSelector');
  for (const [index, rule] of (spec.ingress ?? []).entries()) {
    const path = `spec.ingress[${index}]`;
    errors.push(...validatePorts(rule.ports, `${path}.ports`), ...validatePeers(rule.from, `${path}.from`));
  }
  for (const [index, rule] of (spec.egress ?? []).entries()) {
    const path = `spec.egress[${index}]`;
    errors.push(...validatePorts(rule.ports, `${path}.ports`), ...validatePeers(rule.to, `${path}.to`));
  }
  return errors;
}

function validatePorts(ports: readonly NetworkPolicyPort[] | undefined, path: string): FieldError[] {
  return (ports ?? []).flatMap(({ endPort, port }, index) => {
    const at = `${path}[${index}]`;
    const errors = port === undefined ? [] : checkPort(`${at}.port`, port);
    if (endPort === undefined) return errors;
    if (port === undefined) return [...errors, required(`${at}.port`, 'may not be empty when `endPort` is specified')];
    if (typeof port === 'string') {
      return [...errors, invalidValue(`${at}.endPort`, endPort, 'may not be specified when `port` is non-numeric')];
    }
    if (endPort < port) errors.push(invalidValue(`${at}.endPort`, endPort, 'must be greater than or equal to `port`'));
    return [...errors, ...checkPort(`${at}.endPort`, endPort)];
  });
}

function validatePeers(peers: readonly NetworkPolicyPeer[] | undefined, path: string): FieldError[] {
  return (peers ?? []).flatMap(({ ipBlock, namespaceSelector, podSelector }, index) => {
    const at = `${path}[${index}]`;
    const selects = namespaceSelector !== undefined || podSelector !== undefined;
    if (!selects && ipBlock === undefined) return [required(at, 'must specify a peer')];
    const errors = [
      ...validateLabelSelector(podSelector, `${at}.podSelector`),
      ...validateLabelSelector(namespaceSelector, `${at}.namespaceSelector`),
    ];
    if (selects && ipBlock !== undefined)
      errors.push(forbiddenField(at, 'may not specify both ipBlock and another peer'));
    return ipBlock === undefined ? errors : [...errors, ...validateBlock(ipBlock, `${at}.ipBlock`)];
  });
}

function validateBlock({ cidr, except = [] }: IPBlock, path: string): FieldError[] {
  const check = (at: string, range: string): FieldError[] =>
    range === '' || cidrFamily(range) !== undefined
      ? []
      : [invalidValue(at, range, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')];
  return [
    ...check(`${path}.cidr`, cidr),
    ...except.flatMap((range, index) => check(`${path}.except[${index}]`, range)),
  ];
}
