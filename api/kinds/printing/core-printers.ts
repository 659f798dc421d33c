// Table rows of the core group's objects, beside pods and workloads.
import type { KubernetesObject } from '../../meta/object-meta.ts';
import type {
  ComponentStatus,
  ConfigMap,
  Endpoints,
  Event,
  Namespace,
  ResourceQuota,
  Secret,
  Service,
} from '../core/index.ts';
import type { Event as NewEvent } from '../events/index.ts';
import {
  age,
  formatLabels,
  name,
  nameLike,
  orNone,
  printer,
  shorten,
  since,
  text,
  wide,
  type Printer,
} from './printer.ts';

export const agePrinter: Printer = printer<KubernetesObject>(name, age);

export const componentStatusPrinter: Printer<ComponentStatus> = printer<ComponentStatus>(
  name,
  text('Status', ({ conditions }) => {
    const healthy = conditions?.find(({ type }) => type === 'Healthy');
    return healthy?.status === 'True' ? 'Healthy' : healthy?.status === 'False' ? 'Unhealthy' : 'Unknown';
  }),
  text('Message', ({ conditions }) => conditions?.find(({ type }) => type === 'Healthy')?.message ?? ''),
  text('Error', ({ conditions }) => conditions?.find(({ type }) => type === 'Healthy')?.error ?? ''),
);

export const configMapPrinter: Printer<ConfigMap> = printer<ConfigMap>(
  name,
  text('Data', ({ data, binaryData }) => Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length),
  age,
);

export const secretPrinter: Printer<Secret> = printer<Secret>(
  name,
  text('Type', ({ type }) => type ?? ''),
  text('Data', ({ data }) => Object.keys(data ?? {}).length),
  age,
);

export const namespacePrinter: Printer<Namespace> = printer<Namespace>(
  name,
  text('Status', ({ status }) => status?.phase ?? ''),
  age,
);

export const servicePrinter: Printer<Service> = printer<Service>(
  name,
  text('Type', ({ spec }) => spec.type ?? ''),
  text('Cluster-IP', ({ spec }) => orNone(spec.clusterIPs?.[0] ?? spec.clusterIP)),
  text('External-IP', externalAddresses),
  text('Port(s)', servicePorts),
  age,
  wide(text('Selector', ({ spec }) => formatLabels(spec.selector))),
);

function externalAddresses({ spec, status }: Service): string {
  const own = spec.externalIPs ?? [];
  if (spec.type === 'ExternalName') return orNone(spec.externalName);
  if (spec.type !== 'LoadBalancer') return orNone(own.join(','));
  const balanced = (status?.loadBalancer?.ingress ?? []).map(({ hostname, ip }) => ip || hostname || '');
  const all = [...balanced.filter((address) => address !== ''), ...own];
  return all.length > 0 ? all.join(',') : '<pending>';
}

function servicePorts({ spec }: Service): string {
  const ports = (spec.ports ?? []).map(({ nodePort, port, protocol }) =>
    nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`,
  );
  return orNone(ports.join(','));
}

export const endpointsPrinter: Printer<Endpoints> = printer<Endpoints>(
  name,
  text('Endpoints', ({ subsets }) => {
    const all = (subsets ?? []).flatMap(({ addresses = [], ports = [] }) =>
      ports.length === 0
        ? addresses.map(({ ip }) => ip)
        : ports.flatMap(({ port }) =>
            addresses.map(({ ip }) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)),
          ),
    );
    return shorten(all, 3);
  }),
  age,
);

export const resourceQuotaPrinter: Printer<ResourceQuota> = printer<ResourceQuota>(
  name,
  text('Request', (quota) => quotaUse(quota, (resource) => !resource.startsWith('limits.'))),
  text('Limit', (quota) => quotaUse(quota, (resource) => resource.startsWith('limits.'))),
  age,
);

function quotaUse({ status }: ResourceQuota, wanted: (resource: string) => boolean): string {
  return Object.keys(status?.hard ?? {})
    .filter(wanted)
    .sort()
    .map((resource) => `${resource}: ${status?.used?.[resource] ?? '0'}/${status?.hard?.[resource] ?? '0'}`)
    .join(', ');
}

/** What both kinds of events say. */
interface EventFacts {
  readonly first: string | undefined;
  readonly last: string | undefined;
  readonly count: number;
  readonly about: { kind?: string; name?: string; fieldPath?: string } | undefined;
  readonly source: string;
  readonly message: string;
}

function eventPrinter<T extends KubernetesObject & { type?: string; reason?: string }>(
  factsOf: (event: T) => EventFacts,
): Printer<T> {
  return printer<T>(
    text('Last Seen', (event, nowMs) => since(factsOf(event).last, nowMs)),
    text('Type', ({ type }) => type ?? ''),
    text('Reason', ({ reason }) => reason ?? ''),
    text('Object', (event) => {
      const { kind = '', name: about } = factsOf(event).about ?? {};
      return about ? `${kind.toLowerCase()}/${about}` : kind.toLowerCase();
    }),
    wide(text('Subobject', (event) => factsOf(event).about?.fieldPath ?? '')),
    wide(text('Source', (event) => factsOf(event).source)),
    text('Message', (event) => factsOf(event).message.trim()),
    wide(text('First Seen', (event, nowMs) => since(factsOf(event).first, nowMs))),
    wide(text('Count', (event) => factsOf(event).count)),
    wide(nameLike('Name', (event) => event.metadata.name)),
  );
}

function formatSource(
  source: { component?: string; host?: string } | undefined,
  controller = '',
  instance = '',
): string {
  const component = source?.component || controller;
  const host = source?.host || (source?.component ? '' : instance);
  return host === '' ? component : `${component}, ${host}`;
}

export const coreEventPrinter: Printer<Event> = eventPrinter<Event>((event) => {
  const first = event.firstTimestamp ?? event.eventTime;
  return {
    first,
    last: event.series?.lastObservedTime ?? event.lastTimestamp ?? first,
    count: event.series?.count ?? (event.count || 1),
    about: event.involvedObject,
    source: formatSource(event.source, event.reportingComponent, event.reportingInstance),
    message: event.message ?? '',
  };
});

export const newEventPrinter: Printer<NewEvent> = eventPrinter<NewEvent>((event) => {
  const first = event.deprecatedFirstTimestamp ?? event.eventTime;
  return {
    first,
    last: event.series?.lastObservedTime ?? event.deprecatedLastTimestamp ?? first,
    count: event.series?.count ?? (event.deprecatedCount || 1),
    about: event.regarding,
    source: formatSource(event.deprecatedSource, event.reportingController, event.reportingInstance),
    message: event.note ?? '',
  };
});
