// Which pods stand behind a Service, on which of their ports, and in what condition. Pure.
import type { Pod, Service, ServicePort } from '../../../api/kinds/core/index.ts';
import type { Endpoint, EndpointPort } from '../../../api/kinds/discovery/index.ts';
import { matchesLabelSelector } from '../../../api/meta/selectors.ts';
import { isReady } from '../pod-state.ts';

export type Family = 'IPv4' | 'IPv6';

/** One pod behind a Service, as one address family sees it. */
export interface Backend {
  pod: Readonly<Pod>;
  endpoint: Endpoint;
  ports: EndpointPort[];
}

/** Whether the Service wants its endpoints from pods: others keep their own. */
export function hasSelector(service: Readonly<Service>): boolean {
  return service.spec.type !== 'ExternalName' && Object.keys(service.spec.selector ?? {}).length > 0;
}

export function selects(service: Readonly<Service>, pod: Readonly<Pod>): boolean {
  return (
    hasSelector(service) && matchesLabelSelector({ matchLabels: service.spec.selector }, pod.metadata.labels ?? {})
  );
}

/** The address families of a Service, IPv4 where it does not say. */
export function familiesOf(service: Readonly<Service>): Family[] {
  const families = (service.spec.ipFamilies ?? []).filter(
    (family): family is Family => family === 'IPv4' || family === 'IPv6',
  );
  return families.length > 0 ? families : ['IPv4'];
}

/** What of a pod its Services look at: when none of it changed, their endpoints have not either. */
export function relevantFacts(pod: Readonly<Pod>): unknown {
  const { labels, deletionTimestamp } = pod.metadata;
  const { nodeName, hostname, subdomain } = pod.spec;
  const { phase, podIP, podIPs } = pod.status ?? {};
  return [labels, deletionTimestamp !== undefined, nodeName, hostname, subdomain, phase, podIP, podIPs, isReady(pod)];
}

/** Whether the pod has an address to send anything to, and has not ended for good. */
export function isBackend(pod: Readonly<Pod>): boolean {
  const { phase, podIP } = pod.status ?? {};
  return Boolean(podIP) && phase !== 'Failed' && phase !== 'Succeeded';
}

/** The pods of a Service in one family, in the order of their names. */
export function backendsOf(
  service: Readonly<Service>,
  pods: readonly Readonly<Pod>[],
  family: Family,
  zoneOf: (nodeName: string) => string | undefined,
): Backend[] {
  const backends: Backend[] = [];
  for (const pod of pods) {
    const address = addressOf(pod, family);
    if (!isBackend(pod) || address === undefined) continue;
    backends.push({ pod, endpoint: endpointOf(service, pod, address, zoneOf), ports: portsOf(service, pod) });
  }
  return backends.sort((a, b) => (a.pod.metadata.name < b.pod.metadata.name ? -1 : 1));
}

function endpointOf(
  service: Readonly<Service>,
  pod: Readonly<Pod>,
  address: string,
  zoneOf: (nodeName: string) => string | undefined,
): Endpoint {
  const serving = isReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  const { nodeName, hostname, subdomain } = pod.spec;
  const { namespace, name, uid } = pod.metadata;
  const zone = nodeName ? zoneOf(nodeName) : undefined;
  return {
    addresses: [address],
    conditions: { ready, serving, terminating },
    ...(hostname && subdomain === service.metadata.name ? { hostname } : {}),
    ...(nodeName ? { nodeName } : {}),
    targetRef: { kind: 'Pod', namespace, name, uid },
    ...(zone ? { zone } : {}),
  };
}

function addressOf(pod: Readonly<Pod>, family: Family): string | undefined {
  const addresses = [...(pod.status?.podIPs ?? []).map(({ ip }) => ip), pod.status?.podIP];
  return addresses.find((ip) => ip !== undefined && ip.includes(':') === (family === 'IPv6'));
}

/** The Service's ports as this pod offers them; a named port that the pod lacks is left out. */
export function portsOf(service: Readonly<Service>, pod: Readonly<Pod>): EndpointPort[] {
  return (service.spec.ports ?? []).flatMap((servicePort) => {
    const port = targetPortOf(servicePort, pod);
    if (port === undefined) return [];
    const { name = '', protocol = 'TCP', appProtocol } = servicePort;
    return [{ name, port, protocol, ...(appProtocol ? { appProtocol } : {}) }];
  });
}

function targetPortOf(servicePort: Readonly<ServicePort>, pod: Readonly<Pod>): number | undefined {
  const target = servicePort.targetPort ?? servicePort.port;
  if (typeof target === 'number') return target === 0 ? servicePort.port : target;
  const sidecars = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  for (const container of [...pod.spec.containers, ...sidecars]) {
    for (const { name, containerPort, protocol = 'TCP' } of container.ports ?? []) {
      if (name === target && protocol === (servicePort.protocol ?? 'TCP')) return containerPort;
    }
  }
  return undefined;
}
