// Ingress: rules that lead HTTP from outside to services.
import { atomicList, define, int32, oneOf, present, required, string } from '../../schema/vocabulary.ts';
import { TypedLocalObjectReference } from '../core/reference.ts';
import { kind } from '../kind.ts';
import { resource, status, type ResourceDefinition } from '../resource.ts';
import { ingressPrinter } from '../printing/network-printers.ts';
import { validateIngress } from './rules/ingress-rules.ts';

export class ServiceBackendPort extends define(
  'io.k8s.api.networking.v1.ServiceBackendPort',
  {
    name: string,
    number: int32,
  },
  { atomic: true },
) {}

export class IngressServiceBackend extends define('io.k8s.api.networking.v1.IngressServiceBackend', {
  name: required(string),
  port: ServiceBackendPort,
}) {}

export class IngressBackend extends define('io.k8s.api.networking.v1.IngressBackend', {
  resource: TypedLocalObjectReference,
  service: IngressServiceBackend,
}) {}

export class HTTPIngressPath extends define('io.k8s.api.networking.v1.HTTPIngressPath', {
  backend: required(IngressBackend),
  path: string,
  pathType: required(oneOf('Exact', 'ImplementationSpecific', 'Prefix')),
}) {}

export class HTTPIngressRuleValue extends define('io.k8s.api.networking.v1.HTTPIngressRuleValue', {
  paths: required(atomicList(HTTPIngressPath)),
}) {}

export class IngressRule extends define('io.k8s.api.networking.v1.IngressRule', {
  host: string,
  http: HTTPIngressRuleValue,
}) {}

export class IngressTLS extends define('io.k8s.api.networking.v1.IngressTLS', {
  hosts: atomicList(string),
  secretName: string,
}) {}

export class IngressSpec extends define('io.k8s.api.networking.v1.IngressSpec', {
  defaultBackend: IngressBackend,
  ingressClassName: string,
  rules: atomicList(IngressRule),
  tls: atomicList(IngressTLS),
}) {}

export class IngressPortStatus extends define('io.k8s.api.networking.v1.IngressPortStatus', {
  error: string,
  port: required(int32),
  protocol: required(oneOf('SCTP', 'TCP', 'UDP')),
}) {}

export class IngressLoadBalancerIngress extends define('io.k8s.api.networking.v1.IngressLoadBalancerIngress', {
  hostname: string,
  ip: string,
  ports: atomicList(IngressPortStatus),
}) {}

export class IngressLoadBalancerStatus extends define('io.k8s.api.networking.v1.IngressLoadBalancerStatus', {
  ingress: atomicList(IngressLoadBalancerIngress),
}) {}

export class IngressStatus extends define('io.k8s.api.networking.v1.IngressStatus', {
  loadBalancer: IngressLoadBalancerStatus,
}) {}

export class Ingress extends kind('io.k8s.api.networking.v1.Ingress', {
  spec: present(IngressSpec),
  status: IngressStatus,
}) {}

export const ingresses: ResourceDefinition<Ingress> = resource(Ingress, {
  group: 'networking.k8s.io',
  version: 'v1',
  plural: 'ingresses',
  shortNames: ['ing'],
  namespaced: true,
  subresources: { status },
  storage: 'ingress',
  printer: ingressPrinter,
  validate: validateIngress,
});
