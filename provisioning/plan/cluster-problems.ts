// What a cluster file may say field by field and still cannot mean: found all at once, each sentence with its place.
import ipaddr from 'ipaddr.js';
import type { ClusterSpec } from '../contract.ts';
import { cidrContains, cidrsOverlap, parseCidr } from './cidr.ts';

/**
 * Sentences on what is inconsistent in `spec`; empty when it can be built. A running cluster may have an even number of
 * masters for a while: one of them was removed or is being replaced.
 */
export function clusterProblems(spec: ClusterSpec, options: { readonly isRunning?: boolean } = {}): string[] {
  return [...machineProblems(spec, options.isRunning === true), ...rangeProblems(spec)];
}

function machineProblems(spec: ClusterSpec, isRunning: boolean): string[] {
  const problems: string[] = [];
  const masters = spec.machines.filter((machine) => machine.role !== 'node').length;
  if (masters === 0) problems.push('machines: at least one machine must have role master or both');
  else if (masters % 2 === 0 && !isRunning)
    problems.push(
      `machines: ${masters} masters; an even number keeps no better quorum than one less: use ${masters - 1} or ${masters + 1}`,
    );
  else if (masters > (isRunning ? 6 : 5)) problems.push(`machines: ${masters} masters; use 1, 3 or 5`);
  for (const field of ['name', 'address'] as const) {
    const seen = new Map<string, number>();
    spec.machines.forEach((machine, index) => {
      const key = field === 'address' ? `${machine.address}:${machine.port}` : machine.name;
      const first = seen.get(key);
      if (first === undefined) seen.set(key, index);
      else problems.push(`machines.${index}.${field}: "${key}" is also that of machines.${first}`);
    });
  }
  return problems;
}

function rangeProblems(spec: ClusterSpec): string[] {
  const problems: string[] = [];
  const pods = parseCidr(spec.podCidr);
  const services = parseCidr(spec.serviceCidr);
  if (pods === undefined) problems.push(`podCidr: "${spec.podCidr}" is not an IPv4 network in CIDR form`);
  else if (pods.prefix > 22) problems.push(`podCidr: /${pods.prefix} is too small: every machine takes a /24; use /16`);
  else if (2 ** (24 - pods.prefix) < spec.machines.length)
    problems.push(`podCidr: ${spec.podCidr} has fewer /24 than there are machines`);
  if (services === undefined) problems.push(`serviceCidr: "${spec.serviceCidr}" is not an IPv4 network in CIDR form`);
  else if (services.prefix > 24 || services.prefix < 12)
    problems.push(`serviceCidr: use a network between /12 and /24, not /${services.prefix}`);
  if (pods !== undefined && services !== undefined && cidrsOverlap(pods, services)) {
    problems.push(`podCidr ${spec.podCidr} and serviceCidr ${spec.serviceCidr} overlap`);
  }
  const { virtualAddress } = spec.settings;
  const own = spec.machines.findIndex(({ address }) => address === virtualAddress);
  if (own >= 0) problems.push(`settings.virtualAddress: ${virtualAddress} is the address of machines.${own}`);
  const addresses = spec.machines.map(({ address }, index): [place: string, address: string] => [
    `machines.${index}.address`,
    address,
  ]);
  if (virtualAddress !== undefined) addresses.push(['settings.virtualAddress', virtualAddress]);
  for (const [place, address] of addresses) {
    if (!ipaddr.IPv4.isValidFourPartDecimal(address)) continue;
    for (const [name, range] of [
      ['podCidr', pods],
      ['serviceCidr', services],
    ] as const) {
      if (range !== undefined && cidrContains(range, address))
        problems.push(`${place}: ${address} lies inside ${name}`);
    }
  }
  return problems;
}
