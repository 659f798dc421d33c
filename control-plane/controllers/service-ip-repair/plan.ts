// Services and IPAddresses must point at each other: a Service's cluster IP is the name of an IPAddress whose parent is
// that Service. This says what is wrong and how to mend it. Pure; the rules and words are upstream's.
import type { Service } from '../../../api/kinds/core/index.ts';
import type { IPAddress } from '../../../api/kinds/networking/index.ts';
import type { Draft } from '../../../api/meta/object-meta.ts';
import { allocatorName, managedByLabel } from '../service-cidr/plan.ts';
import { contains, parseAddress } from '../service-cidr/ranges.ts';
import type { Range } from '../service-cidr/ranges.ts';

/** An address is written before its Service: it may be without one for as long as a request may take. */
const youngMs = 60_000;
/** A cache may lag so long behind an allocation. */
const freshMs = 5_000;

export interface Complaint {
  readonly reason: string;
  readonly message: string;
}

export interface ServicePlan {
  readonly complaints: readonly Complaint[];
  readonly create: readonly Draft<IPAddress>[];
  /** Addresses to delete and create anew, because their parent cannot be changed. */
  readonly recreate: readonly Readonly<IPAddress>[];
}

/** The cluster IPs of a Service that has some. */
export function clusterIpsOf({ spec }: Readonly<Service>): readonly string[] {
  if (spec.type === 'ExternalName' || !spec.clusterIP || spec.clusterIP === 'None') return [];
  return spec.clusterIPs && spec.clusterIPs.length > 0 ? spec.clusterIPs : [spec.clusterIP];
}

/** What a Service lacks among the addresses. */
export function planService(
  service: Readonly<Service>,
  ranges: readonly Range[],
  addressOf: (ip: string) => Readonly<IPAddress> | undefined,
  serviceOf: (key: string) => Readonly<Service> | undefined,
): ServicePlan {
  const complaints: Complaint[] = [];
  const create: Draft<IPAddress>[] = [];
  const recreate: Readonly<IPAddress>[] = [];
  const { namespace = '', name } = service.metadata;
  for (const ip of clusterIpsOf(service)) {
    const parsed = parseAddress(ip);
    if (parsed === undefined) {
      const message = `Cluster IP ${ip} is not a valid IP; please recreate Service`;
      complaints.push({ reason: 'ClusterIPNotValid', message });
      continue;
    }
    const family = familyOf(ip);
    if (!ranges.some((range) => contains(range, parsed))) {
      const message = `Cluster IP [${family}]: ${ip} is not within any configured Service CIDR; please recreate service`;
      complaints.push({ reason: 'ClusterIPOutOfRange', message });
      continue;
    }
    const address = addressOf(ip);
    if (address === undefined) {
      const message = `Cluster IP [${family}]: ${ip} is not allocated; repairing`;
      complaints.push({ reason: 'ClusterIPNotAllocated', message });
      create.push(addressFor(ip, service));
      continue;
    }
    const parent = address.spec.parentRef;
    if (isParent(address, service)) continue;
    const rival =
      parent.resource === 'services' && !parent.group ? serviceOf(`${parent.namespace}/${parent.name}`) : undefined;
    if (rival && clusterIpsOf(rival).includes(ip)) {
      const message = `Cluster IP [${family}]:${ip} was assigned to multiple services; please recreate service`;
      complaints.push({ reason: 'ClusterIPAlreadyAllocated', message });
      continue;
    }
    const message = `the ClusterIP [${family}]: ${ip} for Service ${namespace}/${name} has a wrong reference; repairing`;
    complaints.push({ reason: 'ClusterIPNotAllocated', message });
    recreate.push(address);
  }
  return { complaints, create, recreate };
}

export type AddressPlan =
  | { readonly do: 'nothing' }
  | { readonly do: 'wait'; readonly forMs: number }
  | { readonly do: 'delete'; readonly complaint: Complaint };

/** Whether an address that the allocator made has lost its Service. */
export function planAddress(
  address: Readonly<IPAddress>,
  service: Readonly<Service> | undefined,
  nowMs: number,
): AddressPlan {
  if (address.metadata.labels?.[managedByLabel] !== allocatorName) return { do: 'nothing' };
  const { name, creationTimestamp } = address.metadata;
  const { group, resource, namespace, name: parent } = address.spec.parentRef;
  if (group || resource !== 'services') {
    const message = `IPAddress ${name} appears to have been modified, not referencing a Service: cleaning up`;
    return { do: 'delete', complaint: { reason: 'IPAddressNotAllocated', message } };
  }
  if (service && clusterIpsOf(service).includes(name)) return { do: 'nothing' };
  // A clock that stepped back must not keep an address for ever, nor make a wait longer than the whole of it.
  const graceMs = service ? freshMs : youngMs;
  const leftMs = Math.min(Date.parse(creationTimestamp) + graceMs - nowMs, graceMs);
  if (leftMs > 0) return { do: 'wait', forMs: leftMs };
  const message = service
    ? `IPAddress: ${name} for Service ${namespace}/${parent} has a wrong reference; cleaning up`
    : `IPAddress: ${name} for Service ${namespace}/${parent} appears to have leaked: cleaning up`;
  return {
    do: 'delete',
    complaint: { reason: service ? 'IPAddressWrongReference' : 'IPAddressNotAllocated', message },
  };
}

/** The address object that a Service's cluster IP needs. */
export function addressFor(ip: string, { metadata }: Readonly<Service>): Draft<IPAddress> {
  return {
    metadata: {
      name: ip,
      labels: { 'ipaddress.kubernetes.io/ip-family': familyOf(ip), [managedByLabel]: allocatorName },
    },
    spec: { parentRef: { group: '', resource: 'services', namespace: metadata.namespace, name: metadata.name } },
  };
}

function isParent({ spec: { parentRef } }: Readonly<IPAddress>, { metadata }: Readonly<Service>): boolean {
  return (
    !parentRef.group &&
    parentRef.resource === 'services' &&
    parentRef.namespace === metadata.namespace &&
    parentRef.name === metadata.name
  );
}

function familyOf(ip: string): 'IPv4' | 'IPv6' {
  return ip.includes(':') ? 'IPv6' : 'IPv4';
}
