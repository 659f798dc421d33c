// The files by which a pod's processes know names: /etc/hosts, /etc/resolv.conf and /etc/hostname. Pure.
import type { Pod } from '../../../api/kinds/core/index.ts';

export interface DnsFacts {
  readonly clusterDns: string;
  readonly clusterDomain: string;
  /** The machine's own resolv.conf. */
  readonly hostResolvConf: string;
}

const longestHostname = 63;
const mostSearchDomains = 32;

/** The pod's host name, and its full name where it has a subdomain. */
export function podHostname(pod: Readonly<Pod>, clusterDomain: string): { hostname: string; fqdn?: string } {
  if (pod.spec.hostnameOverride !== undefined) return { hostname: pod.spec.hostnameOverride };
  const short = (pod.spec.hostname ?? pod.metadata.name).slice(0, longestHostname).replace(/[-.]+$/, '');
  const { subdomain, setHostnameAsFQDN } = pod.spec;
  if (subdomain === undefined || subdomain === '') return { hostname: short };
  const fqdn = `${short}.${subdomain}.${pod.metadata.namespace ?? 'default'}.svc.${clusterDomain}`;
  return { hostname: setHostnameAsFQDN === true ? fqdn : short, fqdn };
}

/** /etc/hosts of a pod with its own network. */
export function hostsFile(pod: Readonly<Pod>, podIps: readonly string[], clusterDomain: string): string {
  const { hostname, fqdn } = podHostname(pod, clusterDomain);
  const short = fqdn === undefined ? hostname : `${fqdn}\t${hostname.split('.')[0]}`;
  return [
    '# Kubernetes-managed hosts file.',
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'fe00::0\tip6-localnet',
    'fe00::0\tip6-mcastprefix',
    'fe00::1\tip6-allnodes',
    'fe00::2\tip6-allrouters',
    ...podIps.map((ip) => `${ip}\t${short}`),
    ...aliases(pod),
    '',
  ].join('\n');
}

/** /etc/hosts of a pod on the machine's network: the machine's own, and the pod's aliases. */
export function hostNetworkHostsFile(pod: Readonly<Pod>, machineHosts: string): string {
  return ['# Kubernetes-managed hosts file (host network).', machineHosts.trimEnd(), ...aliases(pod), ''].join('\n');
}

function aliases(pod: Readonly<Pod>): string[] {
  const entries = pod.spec.hostAliases ?? [];
  if (entries.length === 0) return [];
  return [
    '',
    '# Entries added by HostAliases.',
    ...entries.map(({ ip, hostnames = [] }) => `${ip}\t${hostnames.join('\t')}`),
  ];
}

/** /etc/resolv.conf by the pod's DNS policy. */
export function resolvConf(pod: Readonly<Pod>, facts: DnsFacts): string {
  const base = byPolicy(pod, facts);
  const config = pod.spec.dnsConfig;
  const nameservers = unique([...base.nameservers, ...(config?.nameservers ?? [])]).slice(0, 3);
  const searches = unique([...base.searches, ...(config?.searches ?? [])]).slice(0, mostSearchDomains);
  const options = new Map(base.options.map((option) => [option.split(':')[0] ?? option, option]));
  for (const { name, value } of config?.options ?? []) {
    if (name !== undefined) options.set(name, value === undefined ? name : `${name}:${value}`);
  }
  return [
    ...nameservers.map((address) => `nameserver ${address}`),
    ...(searches.length > 0 ? [`search ${searches.join(' ')}`] : []),
    ...(options.size > 0 ? [`options ${[...options.values()].join(' ')}`] : []),
    '',
  ].join('\n');
}

interface Resolver {
  readonly nameservers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

function byPolicy(pod: Readonly<Pod>, facts: DnsFacts): Resolver {
  const policy = pod.spec.dnsPolicy ?? 'ClusterFirst';
  if (policy === 'None') return { nameservers: [], searches: [], options: [] };
  const host = parseResolvConf(facts.hostResolvConf);
  if (policy === 'Default' || (policy === 'ClusterFirst' && pod.spec.hostNetwork === true)) return host;
  const namespace = pod.metadata.namespace ?? 'default';
  const { clusterDomain } = facts;
  return {
    nameservers: [facts.clusterDns],
    searches: [`${namespace}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain, ...host.searches],
    options: ['ndots:5'],
  };
}

function parseResolvConf(text: string): Resolver {
  const words = text.split('\n').map((line) => line.trim().split(/\s+/));
  const last = (keyword: string): string[] => words.findLast(([first]) => first === keyword)?.slice(1) ?? [];
  return {
    nameservers: words.flatMap(([keyword, address]) =>
      keyword === 'nameserver' && address !== undefined ? [address] : [],
    ),
    searches: last('search').filter((domain) => domain !== '.'),
    options: last('options'),
  };
}

function unique(list: readonly string[]): string[] {
  return [...new Set(list)];
}
