// What the DNS needs to know of one Service: a small copyable value, made from the Service and its EndpointSlices on the
// main thread and sent to the DNS thread. Pure.
import type { Service } from '../../api/kinds/core/index.ts';
import type { EndpointSlice } from '../../api/kinds/discovery/index.ts';
import { parseIpv4 } from '../network/cidr.ts';
import { clusterIpsOf } from '../proxy/plan-service.ts';

export interface PortRecord {
  readonly name: string;
  /** "tcp", "udp", "sctp" */
  readonly protocol: string;
  readonly port: number;
}

export interface EndpointRecord {
  readonly address: string;
  /** The label under the Service's name: the pod's hostname, or its address with dashes. */
  readonly host: string;
  readonly ports: readonly PortRecord[];
}

export interface ServiceRecords {
  readonly namespace: string;
  readonly name: string;
  readonly externalName?: string;
  /** Empty for headless Services. */
  readonly clusterIps: readonly string[];
  readonly ports: readonly PortRecord[];
  readonly endpoints: readonly EndpointRecord[];
}

export const dashed = (address: string): string => address.replaceAll('.', '-');

/** The records of a Service; only IPv4. */
export function planServiceRecords(
  service: Readonly<Service>,
  slices: readonly Readonly<EndpointSlice>[],
): ServiceRecords {
  const { spec, metadata } = service;
  const name = { namespace: metadata.namespace ?? '', name: metadata.name };
  if (spec.type === 'ExternalName') {
    const externalName = (spec.externalName ?? '').replace(/\.$/, '');
    return { ...name, externalName, clusterIps: [], ports: [], endpoints: [] };
  }
  const ports = (spec.ports ?? []).map(({ name: portName, protocol, port }) => ({
    name: portName ?? '',
    protocol: (protocol ?? 'TCP').toLowerCase(),
    port,
  }));
  const endpoints = new Map<string, EndpointRecord>();
  for (const slice of slices) {
    if (slice.addressType !== 'IPv4') continue;
    const slicePorts = (slice.ports ?? []).map((port) => ({
      name: port.name ?? '',
      protocol: (port.protocol ?? 'TCP').toLowerCase(),
      port: port.port ?? 0,
    }));
    for (const { addresses, conditions, hostname } of slice.endpoints ?? []) {
      const address = addresses[0];
      if (address === undefined || parseIpv4(address) === undefined) continue;
      if (conditions?.ready === false && spec.publishNotReadyAddresses !== true) continue;
      const host = hostname || dashed(address);
      const known = endpoints.get(`${host} ${address}`);
      endpoints.set(`${host} ${address}`, { address, host, ports: [...(known?.ports ?? []), ...slicePorts] });
    }
  }
  return { ...name, clusterIps: clusterIpsOf(service), ports, endpoints: [...endpoints.values()] };
}
