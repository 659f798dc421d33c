// The EndpointSlices that a Service needs, changing as few of the present ones as possible. Pure.
// Names, labels and the size of slices are upstream's (k8s.io/endpointslice), so proxies of either house understand them.
import type { Pod, Service } from '../../../api/kinds/core/index.ts';
import type { Endpoint, EndpointPort, EndpointSlice } from '../../../api/kinds/discovery/index.ts';
import type { Draft } from '../../../api/meta/object-meta.ts';
import type { Backend, Family } from './facts.ts';
import { controllerRefOf } from '../pod-template.ts';
import { isSame } from '../same.ts';
import { backendsOf, familiesOf } from './facts.ts';
import { withHints } from './hints.ts';
import type { ZoneCpus } from './hints.ts';

export const serviceNameLabel = 'kubernetes.io/service-name';
export const managedByLabel = 'endpointslice.kubernetes.io/managed-by';
export const managedBy = 'endpointslice-controller.k8s.io';
const headlessLabel = 'service.kubernetes.io/headless';
const mostEndpoints = 100;

export interface EndpointSlicePlan {
  create: Draft<EndpointSlice>[];
  update: EndpointSlice[];
  delete: Readonly<EndpointSlice>[];
  /** Why endpoints carry no hints although the Service asks for some. */
  hintProblem?: string;
}

/**
 * @param pods those that the Service selects
 * @param slices those of the Service that this controller manages
 */
export function planEndpointSlices(
  service: Readonly<Service>,
  pods: readonly Readonly<Pod>[],
  slices: readonly Readonly<EndpointSlice>[],
  zoneOf: (nodeName: string) => string | undefined = () => undefined,
  zoneCpus?: ZoneCpus,
): EndpointSlicePlan {
  const plan: EndpointSlicePlan = { create: [], update: [], delete: [] };
  const families = familiesOf(service);
  for (const slice of slices) if (!families.includes(slice.addressType as Family)) plan.delete.push(slice);
  for (const family of families) {
    const groups = new Map<string, { ports: EndpointPort[]; backends: Backend[] }>();
    const backends = backendsOf(service, pods, family, zoneOf);
    const { endpoints, problem } = withHints(
      service,
      backends.map(({ endpoint }) => endpoint),
      zoneCpus,
    );
    if (problem) plan.hintProblem = `${problem}, addressType: ${family}`;
    for (const [i, unhinted] of backends.entries()) {
      const backend = { ...unhinted, endpoint: endpoints[i] ?? unhinted.endpoint };
      const id = portsId(backend.ports);
      const group = groups.get(id);
      if (group) group.backends.push(backend);
      else groups.set(id, { ports: backend.ports, backends: [backend] });
    }
    const present = slices.filter(({ addressType }) => addressType === family);
    const stale = present.filter((slice) => !groups.has(portsId(slice.ports)));
    if (groups.size === 0) {
      keepOneEmpty(service, family, present, plan);
      continue;
    }
    plan.delete.push(...stale);
    for (const [id, { ports, backends }] of groups) {
      const same = present.filter((slice) => portsId(slice.ports) === id);
      fill(service, family, ports, backends, same, plan);
    }
  }
  return plan;
}

/** A Service without endpoints keeps one empty slice: watchers learn that it is empty, not unknown. */
function keepOneEmpty(
  service: Readonly<Service>,
  family: Family,
  present: readonly Readonly<EndpointSlice>[],
  plan: EndpointSlicePlan,
): void {
  const [first, ...rest] = present;
  plan.delete.push(...rest);
  if (first === undefined) plan.create.push(sliceOf(service, family, [], []));
  else updateIfChanged(service, first, [], [], plan);
}

function fill(
  service: Readonly<Service>,
  family: Family,
  ports: EndpointPort[],
  backends: readonly Backend[],
  slices: readonly Readonly<EndpointSlice>[],
  plan: EndpointSlicePlan,
): void {
  const wanted = new Map(backends.map(({ endpoint }) => [endpointId(endpoint), endpoint]));
  const kept = slices.map((slice) => {
    const endpoints: Endpoint[] = [];
    for (const endpoint of slice.endpoints ?? []) {
      const next = wanted.get(endpointId(endpoint));
      if (next === undefined || !wanted.delete(endpointId(endpoint))) continue;
      endpoints.push(next);
    }
    return { slice, endpoints, isTouched: !isSame(endpoints, slice.endpoints ?? []) };
  });
  const rest = [...wanted.values()];
  // Slices that change anyway take new endpoints first, then the fullest ones that have room.
  kept.sort((a, b) => Number(b.isTouched) - Number(a.isTouched) || b.endpoints.length - a.endpoints.length);
  for (const one of kept) one.endpoints.push(...rest.splice(0, Math.max(mostEndpoints - one.endpoints.length, 0)));
  for (const { slice, endpoints } of kept) {
    if (endpoints.length === 0) plan.delete.push(slice);
    else updateIfChanged(service, slice, endpoints, ports, plan);
  }
  while (rest.length > 0) plan.create.push(sliceOf(service, family, rest.splice(0, mostEndpoints), ports));
}

function updateIfChanged(
  service: Readonly<Service>,
  slice: Readonly<EndpointSlice>,
  endpoints: Endpoint[],
  ports: EndpointPort[],
  plan: EndpointSlicePlan,
): void {
  const labels = labelsOf(service);
  const ownerReferences = [controllerRefOf(service)];
  const isCurrent =
    isSame(slice.endpoints ?? [], endpoints) &&
    isSame(slice.ports ?? [], ports) &&
    isSame(slice.metadata.labels ?? {}, labels) &&
    isSame(slice.metadata.ownerReferences, ownerReferences);
  if (!isCurrent)
    plan.update.push({ ...slice, metadata: { ...slice.metadata, labels, ownerReferences }, endpoints, ports });
}

function sliceOf(
  service: Readonly<Service>,
  family: Family,
  endpoints: Endpoint[],
  ports: EndpointPort[],
): Draft<EndpointSlice> {
  return {
    metadata: {
      generateName: `${service.metadata.name}-`,
      namespace: service.metadata.namespace,
      labels: labelsOf(service),
      ownerReferences: [controllerRefOf(service)],
    },
    addressType: family,
    endpoints,
    ports,
  };
}

/** The Service's own labels and those by which slices are found. */
function labelsOf(service: Readonly<Service>): Record<string, string> {
  const {
    [serviceNameLabel]: _name,
    [managedByLabel]: _manager,
    [headlessLabel]: _headless,
    ...own
  } = service.metadata.labels ?? {};
  return {
    ...own,
    ...(service.spec.clusterIP === 'None' ? { [headlessLabel]: '' } : {}),
    [serviceNameLabel]: service.metadata.name,
    [managedByLabel]: managedBy,
  };
}

function portsId(ports: readonly EndpointPort[] | undefined): string {
  return JSON.stringify(
    (ports ?? [])
      .map(({ name = '', port, protocol = 'TCP', appProtocol }) => [name, port, protocol, appProtocol])
      .sort(),
  );
}

function endpointId(endpoint: Readonly<Endpoint>): string {
  return endpoint.targetRef?.uid ?? endpoint.addresses[0] ?? '';
}
