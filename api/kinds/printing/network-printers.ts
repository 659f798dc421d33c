// Table rows of what connects pods: slices, ingresses, policies, addresses.
import { formatLabelSelector } from '../../meta/selectors.ts';
import type { EndpointSlice } from '../discovery/endpoint-slice.ts';
import type { Ingress, IngressClass, IPAddress, NetworkPolicy, ServiceCIDR } from '../networking/index.ts';
import { age, name, orNone, printer, shorten, text, type Printer } from './printer.ts';

export const endpointSlicePrinter: Printer<EndpointSlice> = printer<EndpointSlice>(
  name,
  text('AddressType', ({ addressType }) => addressType),
  text('Ports', ({ ports }) => {
    if (ports === undefined || ports.length === 0) return '<unset>';
    return shorten(
      ports.map(({ name: portName, port }) => (port === undefined ? portName || '*' : String(port))),
      3,
    );
  }),
  text('Endpoints', ({ endpoints }) => {
    const addresses = (endpoints ?? []).flatMap((endpoint) => endpoint.addresses);
    return addresses.length === 0 ? '<unset>' : shorten(addresses, 3);
  }),
  age,
);

export const ingressPrinter: Printer<Ingress> = printer<Ingress>(
  name,
  text('Class', ({ metadata, spec }) =>
    orNone(spec.ingressClassName ?? metadata.annotations?.['kubernetes.io/ingress.class']),
  ),
  text('Hosts', ({ spec }) => {
    const hosts = (spec.rules ?? []).map(({ host }) => host || '*');
    return hosts.length === 0 ? '*' : shorten([...new Set(hosts)], 3);
  }),
  text('Address', ({ status }) =>
    (status?.loadBalancer?.ingress ?? []).map(({ hostname, ip }) => ip || hostname || '').join(','),
  ),
  text('Ports', ({ spec }) => ((spec.tls ?? []).length > 0 ? '80, 443' : '80')),
  age,
);

export const ingressClassPrinter: Printer<IngressClass> = printer<IngressClass>(
  name,
  text('Controller', ({ spec }) => spec.controller ?? ''),
  text('Parameters', ({ spec }) => {
    const { parameters } = spec;
    if (parameters === undefined) return '<none>';
    return `${parameters.kind}${parameters.apiGroup ? `.${parameters.apiGroup}` : ''}/${parameters.name}`;
  }),
  age,
);

export const networkPolicyPrinter: Printer<NetworkPolicy> = printer<NetworkPolicy>(
  name,
  text('Pod-Selector', ({ spec }) => orNone(formatLabelSelector(spec.podSelector ?? {}))),
  age,
);

export const ipAddressPrinter: Printer<IPAddress> = printer<IPAddress>(
  name,
  text('ParentRef', ({ spec }) => {
    const { parentRef } = spec;
    const kind = [parentRef.resource, parentRef.group].filter(Boolean).join('.');
    return [kind, parentRef.namespace, parentRef.name].filter(Boolean).join('/');
  }),
);

export const serviceCidrPrinter: Printer<ServiceCIDR> = printer<ServiceCIDR>(
  name,
  text('CIDRs', ({ spec }) => (spec.cidrs ?? []).join(',')),
  age,
);
