// The Endpoints object of a Service, which older clients still read: ready and not-ready addresses by port. Pure.
import type { EndpointAddress, Endpoints, EndpointSubset, Pod, Service } from '../../../api/kinds/core/index.ts';
import type { Draft } from '../../../api/meta/object-meta.ts';
import type { Backend } from '../endpoint-slice/facts.ts';
import { backendsOf, familiesOf } from '../endpoint-slice/facts.ts';
import { isReady } from '../pod-state.ts';
import { isSame } from '../same.ts';

const managedByLabel = 'endpoints.kubernetes.io/managed-by';
const headlessLabel = 'service.kubernetes.io/headless';
const mostAddresses = 1000;
const overCapacityAnnotation = 'endpoints.kubernetes.io/over-capacity';

/** The Endpoints as they should be, or nothing when `present` is right already. */
export function planEndpoints(
  service: Readonly<Service>,
  pods: readonly Readonly<Pod>[],
  present: Readonly<Endpoints> | undefined,
): Draft<Endpoints> | undefined {
  const family = familiesOf(service)[0] ?? 'IPv4';
  const publishAll = service.spec.publishNotReadyAddresses === true;
  const backends = backendsOf(service, pods, family, () => undefined).filter(
    ({ pod }) => publishAll || pod.metadata.deletionTimestamp === undefined,
  );
  const isTruncated = backends.length > mostAddresses;
  const subsets = subsetsOf(isTruncated ? preferReady(backends).slice(0, mostAddresses) : backends, publishAll);
  const { [headlessLabel]: _headless, [managedByLabel]: _manager, ...own } = service.metadata.labels ?? {};
  const labels = {
    ...own,
    ...(service.spec.clusterIP === 'None' ? { [headlessLabel]: '' } : {}),
    [managedByLabel]: 'endpoint-controller',
  };
  const { [overCapacityAnnotation]: _over, ...kept } = present?.metadata.annotations ?? {};
  const annotations = isTruncated ? { ...kept, [overCapacityAnnotation]: 'truncated' } : kept;
  if (
    present &&
    isSame(present.subsets ?? [], subsets) &&
    isSame(present.metadata.labels ?? {}, labels) &&
    isSame(present.metadata.annotations ?? {}, annotations)
  ) {
    return undefined;
  }
  const { name, namespace } = service.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      name,
      namespace,
      labels,
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
      ...(present ? { resourceVersion: present.metadata.resourceVersion, uid: present.metadata.uid } : {}),
    },
    subsets,
  };
}

function preferReady(backends: readonly Backend[]): Backend[] {
  return [...backends].sort((a, b) => Number(isReady(b.pod)) - Number(isReady(a.pod)));
}

/** Ports that the same addresses offer share a subset. */
function subsetsOf(backends: readonly Backend[], publishAll: boolean): EndpointSubset[] {
  const perPort = new Map<string, { port: Backend['ports'][number] | undefined; backends: Backend[] }>();
  for (const backend of backends) {
    for (const port of backend.ports.length > 0 ? backend.ports : [undefined]) {
      const id = JSON.stringify(port ?? null);
      const entry = perPort.get(id);
      if (entry) entry.backends.push(backend);
      else perPort.set(id, { port, backends: [backend] });
    }
  }
  const subsets = new Map<string, EndpointSubset>();
  for (const { port, backends: offering } of perPort.values()) {
    const ports = port ? [{ ...port, port: port.port ?? 0 }] : [];
    const id = offering.map(({ pod }) => pod.metadata.uid).join();
    const subset = subsets.get(id);
    if (subset) {
      subset.ports = [...(subset.ports ?? []), ...ports];
      continue;
    }
    const addresses = offering
      .filter(({ pod }) => publishAll || isReady(pod))
      .map(addressOf)
      .sort(byIp);
    const notReadyAddresses = offering
      .filter(({ pod }) => !publishAll && !isReady(pod))
      .map(addressOf)
      .sort(byIp);
    subsets.set(id, {
      ...(addresses.length > 0 ? { addresses } : {}),
      ...(notReadyAddresses.length > 0 ? { notReadyAddresses } : {}),
      ...(ports.length > 0 ? { ports } : {}),
    });
  }
  return [...subsets.values()];
}

function addressOf({ endpoint }: Backend): EndpointAddress {
  const { addresses, hostname, nodeName, targetRef } = endpoint;
  return { ip: addresses[0] ?? '', ...(hostname ? { hostname } : {}), ...(nodeName ? { nodeName } : {}), targetRef };
}

function byIp(a: EndpointAddress, b: EndpointAddress): number {
  return a.ip < b.ip ? -1 : a.ip > b.ip ? 1 : 0;
}
