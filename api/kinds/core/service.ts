// Service: a steady name and address for a changing set of pods.
import { fillService } from './service-defaults.ts';
import {
  atomicList,
  boolean,
  defaulted,
  define,
  int32,
  intOrString,
  keyedList,
  map,
  oneOf,
  present,
  required,
  string,
  fillDefaults,
} from '../../schema/vocabulary.ts';
import { Condition } from '../meta/condition.ts';
import { kind } from '../kind.ts';
import { resource, status, type ResourceDefinition } from '../resource.ts';
import { checkServiceName, keepAllotted, validateService, validateServiceUpdate } from './rules/service-rules.ts';
import { servicePrinter } from '../printing/core-printers.ts';

export class ClientIPConfig extends define('io.k8s.api.core.v1.ClientIPConfig', {
  timeoutSeconds: int32,
}) {}

export class PortStatus extends define('io.k8s.api.core.v1.PortStatus', {
  error: string,
  port: required(int32),
  protocol: required(oneOf('SCTP', 'TCP', 'UDP')),
}) {}

export class LoadBalancerIngress extends define('io.k8s.api.core.v1.LoadBalancerIngress', {
  hostname: string,
  ip: string,
  ipMode: string,
  ports: atomicList(PortStatus),
}) {}

export class LoadBalancerStatus extends define('io.k8s.api.core.v1.LoadBalancerStatus', {
  ingress: atomicList(LoadBalancerIngress),
}) {}

export class ServicePort extends define(
  'io.k8s.api.core.v1.ServicePort',
  {
    appProtocol: string,
    name: string,
    nodePort: int32,
    port: required(int32),
    protocol: defaulted(oneOf('SCTP', 'TCP', 'UDP'), 'TCP'),
    targetPort: intOrString,
  },
  {
    // Clients in Go always send a targetPort: 0 when they mean none.
    fill(own) {
      if (own.targetPort === undefined || own.targetPort === '' || own.targetPort === 0) own.targetPort = own.port;
    },
  },
) {}

export class SessionAffinityConfig extends define('io.k8s.api.core.v1.SessionAffinityConfig', {
  clientIP: ClientIPConfig,
}) {}

export class ServiceSpec extends define(
  'io.k8s.api.core.v1.ServiceSpec',
  {
    allocateLoadBalancerNodePorts: boolean,
    clusterIP: string,
    clusterIPs: atomicList(string),
    externalIPs: atomicList(string),
    externalName: string,
    externalTrafficPolicy: oneOf('Cluster', 'Local'),
    healthCheckNodePort: int32,
    internalTrafficPolicy: oneOf('Cluster', 'Local'),
    ipFamilies: atomicList(oneOf('', 'IPv4', 'IPv6')),
    ipFamilyPolicy: oneOf('PreferDualStack', 'RequireDualStack', 'SingleStack'),
    loadBalancerClass: string,
    loadBalancerIP: string,
    loadBalancerSourceRanges: atomicList(string),
    ports: keyedList(ServicePort, ['port', 'protocol']),
    publishNotReadyAddresses: boolean,
    selector: map(string, 'atomic'),
    sessionAffinity: oneOf('ClientIP', 'None'),
    sessionAffinityConfig: SessionAffinityConfig,
    trafficDistribution: string,
    type: oneOf('ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'),
  },
  {
    defaults: { sessionAffinity: 'None', type: 'ClusterIP' },
  },
) {}

export class ServiceStatus extends define('io.k8s.api.core.v1.ServiceStatus', {
  conditions: keyedList(Condition, 'type'),
  loadBalancer: LoadBalancerStatus,
}) {}

export class Service extends kind('io.k8s.api.core.v1.Service', {
  spec: present(ServiceSpec),
  status: ServiceStatus,
}) {}
fillDefaults(Service, fillService);

export const services: ResourceDefinition<Service> = resource(Service, {
  group: '',
  version: 'v1',
  plural: 'services',
  shortNames: ['svc'],
  categories: ['all'],
  namespaced: true,
  subresources: {
    proxy: { kind: 'ServiceProxyOptions', verbs: ['create', 'delete', 'get', 'patch', 'update'] },
    status,
  },
  storage: 'services/specs',
  nameRule: checkServiceName,
  validate: validateService,
  validateUpdate: validateServiceUpdate,
  prepareForUpdate: keepAllotted,
  selectableFields({ spec }) {
    return {
      'spec.clusterIP': spec.clusterIP ?? '',
      'spec.type': spec.type ?? '',
    };
  },
  printer: servicePrinter,
});
