// What a cluster file may say field by field and still cannot mean: found all at once, each sentence with its place.
import ipaddr from 'ipaddr.js';
import type { ClusterSpec, Text } from '../contract.ts';
import { externalEtcdOf } from '../external-etcd/settings.ts';
import { text } from '../messages/text.ts';
import { cidrContains, cidrsOverlap, parseCidr } from './cidr.ts';

/**
 * Sentences on what is inconsistent in `spec`; empty when it can be built. A running cluster may have an even number of
 * masters for a while: one of them was removed or is being replaced.
 */
export function clusterProblems(spec: ClusterSpec, options: { readonly isRunning?: boolean } = {}): Text[] {
  return [...machineProblems(spec, options.isRunning === true), ...rangeProblems(spec)];
}

function machineProblems(spec: ClusterSpec, isRunning: boolean): Text[] {
  const problems: Text[] = [];
  const masters = spec.machines.filter((machine) => machine.role !== 'node').length;
  if (masters === 0) problems.push(text('problem.noMaster'));
  else if (masters % 2 === 0 && !isRunning)
    problems.push(text('problem.evenMasters', { count: masters, less: masters - 1, more: masters + 1 }));
  else if (masters > (isRunning ? 6 : 5)) problems.push(text('problem.manyMasters', { count: masters }));
  for (const field of ['name', 'address'] as const) {
    const seen = new Map<string, number>();
    spec.machines.forEach((machine, index) => {
      const value = field === 'address' ? `${machine.address}:${machine.port}` : machine.name;
      const first = seen.get(value);
      const place = `machines.${index}.${field}`;
      if (first === undefined) seen.set(value, index);
      else problems.push(text('problem.twice', { place, value, first: `machines.${first}` }));
    });
  }
  return problems;
}

function rangeProblems(spec: ClusterSpec): Text[] {
  const problems: Text[] = [];
  const pods = parseCidr(spec.podCidr);
  const services = parseCidr(spec.serviceCidr);
  if (pods === undefined) problems.push(text('problem.notNetwork', { place: 'podCidr', value: spec.podCidr }));
  else if (pods.prefix > 22) problems.push(text('problem.podRangeSmall', { prefix: pods.prefix }));
  else if (2 ** (24 - pods.prefix) < spec.machines.length)
    problems.push(text('problem.podRangeFew', { range: spec.podCidr }));
  if (services === undefined)
    problems.push(text('problem.notNetwork', { place: 'serviceCidr', value: spec.serviceCidr }));
  else if (services.prefix > 24 || services.prefix < 12)
    problems.push(text('problem.serviceRangeSize', { prefix: services.prefix }));
  if (pods !== undefined && services !== undefined && cidrsOverlap(pods, services))
    problems.push(text('problem.overlap', { pods: spec.podCidr, services: spec.serviceCidr }));
  const { virtualAddress } = spec.settings;
  const own = spec.machines.findIndex(({ address }) => address === virtualAddress);
  if (own >= 0 && virtualAddress !== undefined)
    problems.push(text('problem.virtualIsMachine', { address: virtualAddress, machine: `machines.${own}` }));
  const addresses = spec.machines.map(({ address }, index): [place: string, address: string] => [
    `machines.${index}.address`,
    address,
  ]);
  if (virtualAddress !== undefined) addresses.push(['settings.virtualAddress', virtualAddress]);
  externalEtcdOf(spec)?.endpoints.forEach((endpoint, index) =>
    addresses.push([`settings.etcd.external.endpoints.${index}`, new URL(endpoint).hostname]),
  );
  for (const [place, address] of addresses) {
    if (!ipaddr.IPv4.isValidFourPartDecimal(address)) continue;
    for (const [name, range] of [
      ['podCidr', pods],
      ['serviceCidr', services],
    ] as const) {
      if (range !== undefined && cidrContains(range, address))
        problems.push(text('problem.insideRange', { place, address, range: name }));
    }
  }
  return problems;
}
