// The cluster's names (the Kubernetes DNS specification 1.1.0), answered from memory.
// Guarantees: every name under the cluster domain gets a final answer here, NXDOMAIN and NODATA with a SOA so that
// resolvers remember them; a name that exists never answers NXDOMAIN because of the type that was asked.
import { formatIpv4, parseIpv4 } from '../network/cidr.ts';
import type { EndpointRecord, ServiceRecords } from './service-records.ts';
import { recordTypes, responseCodes } from './wire.ts';
import type { DnsAnswer, DnsRecord, RecordData } from './wire.ts';

/** How long others may remember cluster names; short, because endpoints come and go. */
const ttlSeconds = 5;

export interface Zone {
  put(records: ServiceRecords): void;
  remove(key: string): void;
  /** Whether names like this are answered here; others belong to an upstream resolver. */
  owns(lowerName: string): boolean;
  /**
   * The answer for a name of ours. `alias` is set when it leads to a name of somebody else (ExternalName), which the
   * caller has to look up.
   */
  resolve(name: string, type: number): DnsAnswer & { readonly alias?: string };
}

interface Entry {
  readonly records: ServiceRecords;
  readonly byHost: ReadonlyMap<string, readonly EndpointRecord[]>;
}

type Found = { readonly data: RecordData[]; readonly additional?: DnsRecord[] } | undefined;
const noData: Found = { data: [] };

/** An empty zone; `domain` as in "cluster.local". */
export function createZone(domain: string): Zone {
  const root = domain.toLowerCase();
  const services = new Map<string, Entry>();
  const namespaces = new Map<string, number>();
  const reverse = new Map<string, Map<string, string>>(); // address → service key → name

  const fullName = ({ name, namespace }: ServiceRecords): string => `${name}.${namespace}.svc.${root}`;
  const addressData = (addresses: readonly string[], type: number): Found =>
    type === recordTypes.A || type === recordTypes.ANY
      ? { data: addresses.map((address) => ({ type: 'A', address })) }
      : noData;
  const reverseNames = (records: ServiceRecords): [string, string][] => [
    ...records.clusterIps.map((address): [string, string] => [address, fullName(records)]),
    ...(records.clusterIps.length > 0 ? [] : records.endpoints).map(({ address, host }): [string, string] => [
      address,
      `${host}.${fullName(records)}`,
    ]),
  ];
  const remove = (key: string): void => {
    const entry = services.get(key);
    if (entry === undefined) return;
    services.delete(key);
    const { namespace } = entry.records;
    const left = (namespaces.get(namespace) ?? 1) - 1;
    if (left > 0) namespaces.set(namespace, left);
    else namespaces.delete(namespace);
    for (const [address] of reverseNames(entry.records)) {
      const names = reverse.get(address);
      names?.delete(key);
      if (names?.size === 0) reverse.delete(address);
    }
  };

  const serviceData = ({ records }: Entry, type: number): Found => {
    if (records.externalName !== undefined) return { data: [{ type: 'CNAME', target: records.externalName }] };
    if (type === recordTypes.SRV) return serviceLocations(records, () => true);
    const addresses =
      records.clusterIps.length > 0 ? records.clusterIps : records.endpoints.map(({ address }) => address);
    return addressData([...new Set(addresses)], type);
  };
  const serviceLocations = (
    records: ServiceRecords,
    wanted: (port: { name: string; protocol: string }) => boolean,
  ): { data: RecordData[]; additional: DnsRecord[] } => {
    const data: RecordData[] = [];
    const additional = new Map<string, DnsRecord>();
    const add = (port: number, target: string, addresses: readonly string[]): void => {
      data.push({ type: 'SRV', port, target });
      for (const address of addresses) {
        additional.set(`${target} ${address}`, { type: 'A', name: target, ttl: ttlSeconds, address });
      }
    };
    if (records.clusterIps.length > 0) {
      for (const port of records.ports.filter(wanted)) add(port.port, fullName(records), records.clusterIps);
    } else {
      for (const { host, address, ports } of records.endpoints) {
        for (const port of ports.filter(wanted)) add(port.port, `${host}.${fullName(records)}`, [address]);
      }
    }
    return { data, additional: [...additional.values()] };
  };

  /** Labels under "svc.<domain>", outermost last: [service, namespace], [host, service, namespace], [_port, _proto, …]. */
  const underServices = (labels: readonly string[], type: number): Found => {
    if (labels.length === 0) return noData;
    const namespace = labels.at(-1) ?? '';
    if (labels.length === 1) return namespaces.has(namespace) ? noData : undefined;
    const entry = services.get(`${namespace}/${labels.at(-2)}`);
    if (entry === undefined) return undefined;
    const rest = labels.slice(0, -2);
    if (rest.length === 0) return serviceData(entry, type);
    if (entry.records.externalName !== undefined) return undefined;
    const [first = '', second] = rest;
    if (rest.length === 1) {
      if (first === '_tcp' || first === '_udp' || first === '_sctp') return noData;
      const endpoints = entry.byHost.get(first);
      return (
        endpoints &&
        addressData(
          endpoints.map(({ address }) => address),
          type,
        )
      );
    }
    if (rest.length !== 2 || !first.startsWith('_') || !second?.startsWith('_')) return undefined;
    const found = serviceLocations(
      entry.records,
      ({ name, protocol }) => `_${name}` === first && `_${protocol}` === second,
    );
    const exists = found.data.length > 0 || entry.records.ports.some(({ name }) => `_${name}` === first);
    return exists ? (type === recordTypes.SRV || type === recordTypes.ANY ? found : noData) : undefined;
  };
  const underPods = (labels: readonly string[], type: number): Found => {
    if (labels.length < 2) return noData;
    const value = labels.length === 2 ? parseIpv4(labels[0]?.replaceAll('-', '.') ?? '') : undefined;
    return value === undefined ? undefined : addressData([formatIpv4(value)], type);
  };
  const find = (name: string, type: number): Found => {
    if (name.endsWith('.in-addr.arpa')) {
      const names = reverse.get(reverseAddress(name) ?? '');
      if (names === undefined) return undefined;
      return type === recordTypes.PTR
        ? { data: [...names.values()].map((target) => ({ type: 'PTR', target })) }
        : noData;
    }
    if (name === root) return noData;
    const labels = name.slice(0, -root.length - 1).split('.');
    const area = labels.pop();
    if (area === 'svc') return underServices(labels, type);
    if (area === 'pod') return underPods(labels, type);
    if (area === 'dns-version' && labels.length === 0) {
      return type === recordTypes.TXT ? { data: [{ type: 'TXT', text: '1.1.0' }] } : noData;
    }
    return undefined;
  };

  return {
    put(records) {
      const key = `${records.namespace}/${records.name}`;
      remove(key);
      const byHost = new Map<string, EndpointRecord[]>();
      for (const endpoint of records.endpoints) {
        const host = endpoint.host.toLowerCase();
        const list = byHost.get(host);
        if (list === undefined) byHost.set(host, [endpoint]);
        else list.push(endpoint);
      }
      services.set(key, { records, byHost });
      namespaces.set(records.namespace, (namespaces.get(records.namespace) ?? 0) + 1);
      for (const [address, name] of reverseNames(records)) {
        let names = reverse.get(address);
        if (names === undefined) reverse.set(address, (names = new Map()));
        names.set(key, name);
      }
    },
    remove,
    owns(lowerName) {
      if (lowerName === root || lowerName.endsWith(`.${root}`)) return true;
      return lowerName.endsWith('.in-addr.arpa') && reverse.has(reverseAddress(lowerName) ?? '');
    },
    resolve(name, type) {
      const found = find(name.toLowerCase(), type);
      const answers = (found?.data ?? []).map((data): DnsRecord => ({ ...data, name, ttl: ttlSeconds }));
      const code = found === undefined ? responseCodes.NXDOMAIN : responseCodes.NOERROR;
      const first = answers[0];
      if (first?.type === 'CNAME' && type !== recordTypes.CNAME) {
        return { code, authoritative: true, answers, alias: first.target };
      }
      const authority: DnsRecord[] = answers.length > 0 ? [] : [startOfAuthority(root)];
      return { code, authoritative: true, answers, authority, additional: found?.additional };
    },
  };
}

function startOfAuthority(root: string): DnsRecord {
  const who = { server: `ns.dns.${root}`, contact: `hostmaster.${root}` };
  return { type: 'SOA', name: root, ttl: ttlSeconds, ...who, serial: 1, minimum: ttlSeconds };
}

/** "7.1.244.10.in-addr.arpa" → "10.244.1.7" */
function reverseAddress(name: string): string | undefined {
  const parts = name.slice(0, -'.in-addr.arpa'.length).split('.').reverse();
  return parts.length === 4 ? parts.join('.') : undefined;
}
