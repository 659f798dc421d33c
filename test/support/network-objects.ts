// Small Kubernetes objects for network tests.
import type { ContainerPort, Namespace, Node, Pod, Service } from '../../api/kinds/core/index.ts';
import type { EndpointSlice } from '../../api/kinds/discovery/index.ts';
import type { NetworkPolicy } from '../../api/kinds/networking/index.ts';
import type { ObjectMeta } from '../../api/meta/object-meta.ts';

let revision = 0;

/** Metadata as a server would return it. */
export function makeMeta(name: string, namespace?: string, rest: Partial<ObjectMeta> = {}): ObjectMeta {
  const creationTimestamp = '2026-01-01T00:00:00Z';
  return { name, namespace, uid: `uid-${name}`, resourceVersion: String(++revision), creationTimestamp, ...rest };
}

export function makeNode(name: string, address: string, podCIDR: string, labels?: Record<string, string>): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: makeMeta(name, undefined, { labels }),
    spec: { podCIDR, podCIDRs: podCIDR === '' ? [] : [podCIDR] },
    status: {
      addresses: [{ type: 'InternalIP', address }],
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  } as Node;
}

export function makeService(name: string, spec: Partial<Service['spec']>, namespace = 'default'): Service {
  const clusterIPs = spec.clusterIP === undefined ? undefined : [spec.clusterIP];
  const metadata = makeMeta(name, namespace);
  return { apiVersion: 'v1', kind: 'Service', metadata, spec: { type: 'ClusterIP', clusterIPs, ...spec } } as Service;
}

export interface TestEndpoint {
  readonly address: string;
  readonly nodeName?: string;
  readonly hostname?: string;
  readonly ready?: boolean;
  readonly serving?: boolean;
  readonly terminating?: boolean;
  readonly zones?: readonly string[];
}

export interface TestPort {
  readonly port: number;
  readonly name?: string;
  readonly protocol?: 'TCP' | 'UDP' | 'SCTP';
}

/** The one EndpointSlice of a Service. */
export function makeSlice(
  service: string,
  ports: readonly TestPort[],
  endpoints: readonly TestEndpoint[],
  namespace = 'default',
): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: makeMeta(`${service}-1`, namespace, { labels: { 'kubernetes.io/service-name': service } }),
    addressType: 'IPv4',
    ports: ports.map(({ port, name = '', protocol = 'TCP' }) => ({ port, name, protocol })),
    endpoints: endpoints.map(({ address, nodeName, hostname, ready = true, serving, terminating, zones }) => ({
      addresses: [address],
      conditions: { ready, serving, terminating },
      nodeName,
      hostname,
      hints: zones && { forZones: zones.map((zone) => ({ name: zone })) },
    })),
  } as EndpointSlice;
}

export function makeNamespace(name: string, labels: Record<string, string> = {}): Namespace {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: makeMeta(name, undefined, { labels }) } as Namespace;
}

export interface TestPodFacts {
  readonly nodeName: string;
  readonly podIP?: string;
  readonly labels?: Record<string, string>;
  readonly ports?: readonly Partial<ContainerPort>[];
  readonly phase?: string;
  readonly hostNetwork?: boolean;
}

export function makePod(name: string, namespace: string, facts: TestPodFacts): Pod {
  const { nodeName, podIP, labels, ports, phase = 'Running', hostNetwork } = facts;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: makeMeta(name, namespace, { labels }),
    spec: { nodeName, hostNetwork, containers: [{ name: 'main', image: 'image', ports }] },
    status: { phase, podIP },
  } as unknown as Pod;
}

export function makePolicy(name: string, namespace: string, spec: NetworkPolicy['spec']): NetworkPolicy {
  const metadata = makeMeta(name, namespace);
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata, spec } as NetworkPolicy;
}
