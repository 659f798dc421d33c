// The EndpointSlices that mirror an Endpoints object which somebody keeps by hand, for a Service without a selector.
// Pure; names and labels are upstream's (endpointslicemirroring).
import type { EndpointAddress, Endpoints, EndpointSubset } from '../../../api/kinds/core/index.ts';
import type { Endpoint, EndpointPort, EndpointSlice } from '../../../api/kinds/discovery/index.ts';
import type { Draft } from '../../../api/meta/object-meta.ts';
import { managedByLabel, serviceNameLabel } from '../endpoint-slice/plan.ts';
import { controllerRefOf } from '../pod-template.ts';
import { isSame } from '../same.ts';

export const mirroredBy = 'endpointslicemirroring-controller.k8s.io';
const skipLabel = 'endpointslice.kubernetes.io/skip-mirror';
const leaderAnnotation = 'control-plane.alpha.kubernetes.io/leader';
const mostPerSubset = 1000;
const notCopied = new Set([
  'endpoints.kubernetes.io/last-change-trigger-time',
  'kubectl.kubernetes.io/last-applied-configuration',
]);

export interface MirrorPlan {
  create: Draft<EndpointSlice>[];
  update: EndpointSlice[];
  delete: Readonly<EndpointSlice>[];
}

/** Whether the Endpoints want to be mirrored at all. */
export function isMirrored({ metadata }: Readonly<Endpoints>): boolean {
  return (
    metadata.labels?.[skipLabel] !== 'true' &&
    metadata.annotations?.[leaderAnnotation] === undefined &&
    metadata.deletionTimestamp === undefined
  );
}

/** @param slices those that mirror these Endpoints now */
export function planMirror(endpoints: Readonly<Endpoints>, slices: readonly Readonly<EndpointSlice>[]): MirrorPlan {
  const plan: MirrorPlan = { create: [], update: [], delete: [] };
  const left = [...slices];
  for (const subset of endpoints.subsets ?? []) {
    for (const addressType of ['IPv4', 'IPv6'] as const) {
      const found = endpointsOf(subset, addressType);
      if (found.length === 0) continue;
      const wanted = sliceOf(endpoints, addressType, found, portsOf(subset));
      const at = left.findIndex(
        (slice) => slice.addressType === addressType && isSame(slice.ports ?? [], wanted.ports),
      );
      const [known] = at === -1 ? [] : left.splice(at, 1);
      if (known === undefined) plan.create.push(wanted);
      else if (
        !isSame(known.endpoints ?? [], wanted.endpoints) ||
        !isSame(known.metadata.labels, wanted.metadata.labels) ||
        !isSame(known.metadata.annotations ?? {}, wanted.metadata.annotations ?? {})
      ) {
        const { labels, annotations } = wanted.metadata;
        plan.update.push({
          ...known,
          metadata: { ...known.metadata, labels, annotations },
          endpoints: wanted.endpoints,
        });
      }
    }
  }
  plan.delete.push(...left);
  return plan;
}

function endpointsOf(subset: Readonly<EndpointSubset>, addressType: 'IPv4' | 'IPv6'): Endpoint[] {
  const of = (addresses: readonly EndpointAddress[] | undefined, ready: boolean): Endpoint[] =>
    (addresses ?? [])
      .filter(({ ip }) => ip.includes(':') === (addressType === 'IPv6'))
      .map(({ ip, hostname, nodeName, targetRef }) => ({
        addresses: [ip],
        conditions: { ready },
        ...(hostname ? { hostname } : {}),
        ...(nodeName ? { nodeName } : {}),
        ...(targetRef ? { targetRef } : {}),
      }));
  return [...of(subset.addresses, true), ...of(subset.notReadyAddresses, false)].slice(0, mostPerSubset);
}

function portsOf(subset: Readonly<EndpointSubset>): EndpointPort[] {
  return (subset.ports ?? []).map(({ name = '', port, protocol = 'TCP', appProtocol }) => ({
    name,
    port,
    protocol,
    ...(appProtocol ? { appProtocol } : {}),
  }));
}

function sliceOf(
  owner: Readonly<Endpoints>,
  addressType: 'IPv4' | 'IPv6',
  endpoints: Endpoint[],
  ports: EndpointPort[],
): Draft<EndpointSlice> {
  const { name, namespace, labels, annotations } = owner.metadata;
  const copied = Object.fromEntries(Object.entries(annotations ?? {}).filter(([key]) => !notCopied.has(key)));
  return {
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels: { ...labels, [serviceNameLabel]: name, [managedByLabel]: mirroredBy },
      ...(Object.keys(copied).length > 0 ? { annotations: copied } : {}),
      ownerReferences: [controllerRefOf(owner)],
    },
    addressType,
    endpoints,
    ports,
  };
}
