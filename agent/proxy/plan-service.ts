// From a Service and its EndpointSlices to elements of the service table. Pure: the whole state of one Service, from
// which the loop works out what changed. IPv4 only; headless and ExternalName Services need nothing here.
import type { Service, ServicePort } from '../../api/kinds/core/index.ts';
import type { EndpointSlice } from '../../api/kinds/discovery/index.ts';
import { parseIpv4 } from '../network/cidr.ts';
import { chainName, clusterMark, localMark, slotOf } from './chains.ts';
import type { Shape } from './chains.ts';
import { chooseEndpoints } from './endpoints.ts';
import type { Choice, NodeFacts, Target } from './endpoints.ts';
import type { HealthCheck } from './health-check.ts';

export interface Element {
  readonly set: string;
  readonly key: string;
  readonly value: string;
}

/** A UDP address whose remembered flows must be forgotten when its endpoints change. */
export interface UdpFlow {
  /** Absent for a node port. */
  readonly address?: string;
  readonly port: number;
  readonly endpoints: readonly string[];
}

export interface ServicePlan {
  /** Elements that no other Service can hold: cluster IPs and node ports are given out once. */
  readonly own: readonly Element[];
  /** Elements that several Services may ask for: external addresses, hairpin pairs. */
  readonly shared: readonly Element[];
  readonly shapes: readonly Shape[];
  readonly udp: readonly UdpFlow[];
  readonly healthCheck?: HealthCheck;
}

const emptyPlan: ServicePlan = { own: [], shared: [], shapes: [], udp: [] };
const defaultAffinitySeconds = 10_800;

/** Where a Service port is reached, and the endpoints there. */
interface Frontend {
  /** Absent for a node port. */
  readonly address?: string;
  readonly protocol: string;
  readonly port: number;
  readonly cluster: readonly Target[];
  /** Set when traffic from outside must stay on this node. */
  readonly local?: readonly Target[];
  readonly affinitySeconds?: number;
  readonly shared: boolean;
}

/** Plans one Service; `undefined` (deleted) plans nothing. */
export function planService(
  service: Readonly<Service> | undefined,
  slices: readonly Readonly<EndpointSlice>[],
  node: NodeFacts,
): ServicePlan {
  if (service === undefined || !isProxied(service)) return emptyPlan;
  const own: Element[] = [];
  const shared: Element[] = [];
  const shapes: Shape[] = [];
  const udp: UdpFlow[] = [];
  const hairpins = new Set<string>();
  const ready = new Set<string>(); // addresses of this node, for the health check
  for (const port of service.spec.ports ?? []) {
    const choice = chooseEndpoints(slices, port.name ?? '', port.protocol ?? 'TCP', node);
    for (const { address, local } of [...choice.cluster, ...choice.local]) if (local) hairpins.add(address);
    for (const { address } of choice.localReady) ready.add(address);
    for (const frontend of frontendsOf(service, port, choice)) {
      planFrontend(frontend, frontend.shared ? shared : own, shapes);
      if (frontend.protocol !== 'udp') continue;
      const endpoints = [...frontend.cluster, ...(frontend.local ?? [])].map(({ address }) => address);
      udp.push({ address: frontend.address, port: frontend.port, endpoints });
    }
  }
  for (const address of hairpins) shared.push({ set: 'hairpin', key: `${address} . ${address}`, value: '' });
  shared.push(...sourceRangeElements(service));
  for (const address of balancedIpsOf(service)) shared.push({ set: 'balanced', key: address, value: '' });
  const { healthCheckNodePort: checkPort, externalTrafficPolicy } = service.spec;
  if (!checkPort || externalTrafficPolicy !== 'Local') return { own, shared, shapes, udp };
  return { own, shared, shapes, udp, healthCheck: { port: checkPort, localEndpoints: ready.size } };
}

/** Who may use the load balancer's addresses, when the Service limits that. */
function sourceRangeElements(service: Readonly<Service>): Element[] {
  const ranges = service.spec.loadBalancerSourceRanges ?? [];
  if (ranges.length === 0) return [];
  const allowed = ranges.map((range) => range.trim()).filter((range) => !range.includes(':'));
  return balancedIpsOf(service).flatMap((address) =>
    (service.spec.ports ?? []).flatMap(({ port, protocol = 'TCP' }) => {
      const key = `${address} . ${protocol.toLowerCase()} . ${port}`;
      const sources = allowed.map((range) => ({ set: 'allowed-sources', key: `${key} . ${range}`, value: '' }));
      return [{ set: 'firewalled', key, value: '' }, ...sources];
    }),
  );
}

function isProxied({ spec, metadata }: Readonly<Service>): boolean {
  if (spec.type === 'ExternalName' || spec.clusterIP === 'None' || !spec.clusterIP) return false;
  return metadata.labels?.['service.kubernetes.io/service-proxy-name'] === undefined;
}

/** A Service's IPv4 cluster addresses. */
export function clusterIpsOf(service: Readonly<Service>): string[] {
  const { clusterIPs, clusterIP } = service.spec;
  return (clusterIPs ?? (clusterIP ? [clusterIP] : [])).filter((address) => parseIpv4(address) !== undefined);
}

/** Addresses that the Service's load balancer got and that are translated here, not in front of us. */
export function balancedIpsOf({ spec, status }: Readonly<Service>): string[] {
  const ingress = spec.type === 'LoadBalancer' ? (status?.loadBalancer?.ingress ?? []) : [];
  const own = ingress.filter(({ ipMode }) => ipMode === undefined || ipMode === 'VIP').map(({ ip }) => ip ?? '');
  return own.filter((ip) => parseIpv4(ip) !== undefined);
}

/** External addresses a Service is reached at: its external IPs and those its load balancer got. */
export function externalIpsOf(service: Readonly<Service>): string[] {
  const external = (service.spec.externalIPs ?? []).filter((ip) => parseIpv4(ip) !== undefined);
  return [...new Set([...external, ...balancedIpsOf(service)])];
}

function frontendsOf(service: Readonly<Service>, servicePort: Readonly<ServicePort>, choice: Choice): Frontend[] {
  const { spec } = service;
  const affinitySeconds =
    spec.sessionAffinity === 'ClientIP'
      ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? defaultAffinitySeconds)
      : undefined;
  const protocol = (servicePort.protocol ?? 'TCP').toLowerCase();
  const inside = spec.internalTrafficPolicy === 'Local' ? choice.local : choice.cluster;
  const local = spec.externalTrafficPolicy === 'Local' ? choice.local : undefined;
  const common = { protocol, affinitySeconds, port: servicePort.port };
  const outside = { ...common, cluster: choice.cluster, local };
  return [
    ...clusterIpsOf(service).map((address) => ({ ...common, address, cluster: inside, shared: false })),
    ...externalIpsOf(service).map((address) => ({ ...outside, address, shared: true })),
    ...(servicePort.nodePort && spec.type !== 'ClusterIP'
      ? [{ ...outside, port: servicePort.nodePort, shared: false }]
      : []),
  ];
}

function planFrontend(frontend: Frontend, elements: Element[], shapes: Shape[]): void {
  const { address, protocol, port, cluster, local, affinitySeconds } = frontend;
  const key = address === undefined ? `${protocol} . ${port}` : `${address} . ${protocol} . ${port}`;
  const prefix = address === undefined ? 'node-' : '';
  if (cluster.length === 0) {
    // Cluster IPs need no element: whatever reaches their range untranslated is refused.
    if (address === undefined) elements.push({ set: 'refused-node-ports', key, value: '' });
    else if (frontend.shared) elements.push({ set: 'refused', key, value: '' });
    return;
  }
  const shape: Shape = {
    scope: address === undefined ? 'node' : 'address',
    cluster: cluster.length,
    ...(local === undefined ? {} : { local: local.length }),
    ...(affinitySeconds === undefined ? {} : { affinitySeconds }),
  };
  shapes.push(shape);
  elements.push({ set: address === undefined ? 'node-ports' : 'services', key, value: `goto ${chainName(shape)}` });
  const slots = new Map<string, string>();
  const number = (targets: readonly Target[], firstMark: number): void => {
    targets.forEach(({ address: to, port: toPort }, index) => {
      const numbered = `${key} . ${firstMark + index}`;
      const value = `${to} . ${toPort}`;
      if (affinitySeconds === undefined) return elements.push({ set: `${prefix}endpoints`, key: numbered, value });
      const slot = slotOf(to, toPort);
      slots.set(`${key} . ${slot}`, value);
      return elements.push({ set: `${prefix}slots`, key: numbered, value: String(slot) });
    });
  };
  number(cluster, clusterMark);
  if (local !== undefined) number(local, localMark);
  for (const [slotKey, value] of slots) elements.push({ set: `${prefix}endpoints`, key: slotKey, value });
}
