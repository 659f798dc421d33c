// Rules of services: ports, addresses, and what an update may not change.
import { checkDns1035Label, checkDnsLabel, checkDnsSubdomain, checkPortNumber } from '../../../meta/names.ts';
import { cidrFamily } from '../../../meta/ip.ts';
import { forbiddenField, invalidValue, required, type FieldError } from '../../../schema/field-error.ts';
import { sameJson } from '../../../schema/json-value.ts';
import { validateLabels } from '../../meta/object-meta-rules.ts';
import type { Service, ServicePort, ServiceSpec } from '../service.ts';
import { checkPort, checkUnique, invalidFor } from './checks.ts';
import { checkIp } from './pod-rules.ts';

export const checkServiceName = checkDns1035Label;

/** Checks a service. */
export function validateService({ spec }: Service): FieldError[] {
  const headless = spec.clusterIP === 'None';
  const ports = spec.ports ?? [];
  const errors = validateLabels(spec.selector, 'spec.selector');
  if (ports.length === 0 && !headless && spec.type !== 'ExternalName') errors.push(required('spec.ports'));
  return [
    ...errors,
    ...ports.flatMap((port, index) => validatePort(port, spec, ports.length > 1, `spec.ports[${index}]`)),
    ...checkUnique(
      ports,
      ({ name }) => name,
      (index) => `spec.ports[${index}].name`,
    ),
    ...checkUnique(
      ports,
      ({ port, protocol }) => `${protocol}/${port}`,
      (index) => `spec.ports[${index}]`,
    ),
    ...validateType(spec, headless),
    ...validateAddresses(spec),
  ];
}

function validatePort(port: ServicePort, spec: ServiceSpec, named: boolean, path: string): FieldError[] {
  const errors = invalidFor(`${path}.port`, port.port, checkPortNumber(port.port));
  if (!port.name) {
    if (named) errors.push(required(`${path}.name`));
  } else {
    errors.push(...invalidFor(`${path}.name`, port.name, checkDnsLabel(port.name)));
  }
  if (port.targetPort !== undefined) errors.push(...checkPort(`${path}.targetPort`, port.targetPort));
  if (port.nodePort && spec.type === 'ClusterIP') {
    errors.push(forbiddenField(`${path}.nodePort`, "may not be used when `type` is 'ClusterIP'"));
  }
  return errors;
}

function validateType(spec: ServiceSpec, headless: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.type === 'ExternalName') {
    const name = spec.externalName?.replace(/\.$/, '') ?? '';
    if (spec.clusterIP) errors.push(forbiddenField('spec.clusterIPs', "may not be set when `type` is 'ExternalName'"));
    if (name === '') errors.push(required('spec.externalName'));
    else errors.push(...invalidFor('spec.externalName', name, checkDnsSubdomain(name)));
  }
  if (headless && (spec.type === 'NodePort' || spec.type === 'LoadBalancer')) {
    errors.push(invalidValue('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${spec.type} services`));
  }
  const timeout = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (timeout !== undefined && (timeout <= 0 || timeout > 86400)) {
    const path = 'spec.sessionAffinityConfig.clientIP.timeoutSeconds';
    errors.push(invalidValue(path, timeout, 'must be greater than 0 and less than 86400'));
  }
  if (spec.externalTrafficPolicy && spec.type === 'ClusterIP' && spec.externalIPs === undefined) {
    const detail = 'may only be set for externally-accessible services';
    errors.push(invalidValue('spec.externalTrafficPolicy', spec.externalTrafficPolicy, detail));
  }
  return errors;
}

function validateAddresses(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, address] of (spec.clusterIPs ?? []).entries()) {
    if (address !== 'None') errors.push(...checkIp(`spec.clusterIPs[${index}]`, address));
  }
  if (spec.clusterIP && spec.clusterIP !== 'None' && spec.clusterIPs === undefined) {
    errors.push(...checkIp('spec.clusterIP', spec.clusterIP));
  }
  for (const [index, address] of (spec.externalIPs ?? []).entries()) {
    errors.push(...checkIp(`spec.externalIPs[${index}]`, address));
  }
  for (const [index, range] of (spec.loadBalancerSourceRanges ?? []).entries()) {
    if (cidrFamily(range.trim()) !== undefined) continue;
    const path = `spec.loadBalancerSourceRanges[${index}]`;
    errors.push(invalidValue(path, range, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'));
  }
  return errors;
}

/** Checks an update: an address that was given stays. */
export function validateServiceUpdate(next: Service, previous: Service): FieldError[] {
  const [after, before] = [next.spec, previous.spec];
  const becameExternal = after.type === 'ExternalName' || before.type === 'ExternalName';
  if (becameExternal || !before.clusterIP || after.clusterIP === before.clusterIP) return [];
  const detail = after.clusterIP ? 'may not change once set' : 'primary clusterIP can not be unset';
  return [invalidValue('spec.clusterIPs[0]', after.clusterIPs ?? [after.clusterIP ?? ''], detail)];
}

/** Carries over what the server allotted and the client left out, so that a client may apply what it once wrote. */
export function keepAllotted(next: Service, previous: Service): void {
  const [after, before] = [next.spec, previous.spec];
  if (after.type === 'ExternalName' || before.type === 'ExternalName') return;
  if (!after.clusterIP && (after.clusterIPs === undefined || sameJson(after.clusterIPs, before.clusterIPs))) {
    if (before.clusterIP) after.clusterIP = before.clusterIP;
    if (before.clusterIPs) after.clusterIPs = before.clusterIPs;
  }
  if (after.clusterIP === before.clusterIP && before.clusterIPs) after.clusterIPs ??= before.clusterIPs;
  if (before.ipFamilies) after.ipFamilies ??= before.ipFamilies;
  if (before.ipFamilyPolicy) after.ipFamilyPolicy ??= before.ipFamilyPolicy;
  if (after.type === 'ClusterIP' || before.type === 'ClusterIP') return;
  const taken = new Set((after.ports ?? []).map(({ nodePort }) => nodePort));
  for (const port of after.ports ?? []) {
    const old = before.ports?.find((other) => other.port === port.port && other.protocol === port.protocol);
    if (port.nodePort || !old?.nodePort || taken.has(old.nodePort)) continue;
    port.nodePort = old.nodePort;
    taken.add(old.nodePort);
  }
  if (!after.healthCheckNodePort && before.healthCheckNodePort) after.healthCheckNodePort = before.healthCheckNodePort;
}
