// EndpointSlice: some of the addresses behind a service.
import { atomicList, boolean, define, int32, map, oneOf, required, setOf, string } from '../../schema/vocabulary.ts';
import { ObjectReference } from '../core/reference.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';
import { validateEndpointSlice, validateEndpointSliceUpdate } from './endpoint-slice-rules.ts';
import { endpointSlicePrinter } from '../printing/network-printers.ts';

export class EndpointConditions extends define('io.k8s.api.discovery.v1.EndpointConditions', {
  ready: boolean,
  serving: boolean,
  terminating: boolean,
}) {}

export class ForNode extends define('io.k8s.api.discovery.v1.ForNode', {
  name: required(string),
}) {}

export class ForZone extends define('io.k8s.api.discovery.v1.ForZone', {
  name: required(string),
}) {}

export class EndpointHints extends define('io.k8s.api.discovery.v1.EndpointHints', {
  forNodes: atomicList(ForNode),
  forZones: atomicList(ForZone),
}) {}

export class Endpoint extends define('io.k8s.api.discovery.v1.Endpoint', {
  addresses: required(setOf(string)),
  conditions: EndpointConditions,
  deprecatedTopology: map(string),
  hints: EndpointHints,
  hostname: string,
  nodeName: string,
  targetRef: ObjectReference,
  zone: string,
}) {}

export class EndpointPort extends define(
  'io.k8s.api.discovery.v1.EndpointPort',
  {
    appProtocol: string,
    name: string,
    port: int32,
    protocol: oneOf('SCTP', 'TCP', 'UDP'),
  },
  { atomic: true, defaults: { name: '', protocol: 'TCP' } },
) {}

export class EndpointSlice extends kind(
  'io.k8s.api.discovery.v1.EndpointSlice',
  {
    addressType: required(oneOf('FQDN', 'IPv4', 'IPv6')),
    endpoints: atomicList(Endpoint),
    ports: atomicList(EndpointPort),
  },
  {
    defaults: { endpoints: () => [] },
  },
) {}

export const endpointSlices: ResourceDefinition<EndpointSlice> = resource(EndpointSlice, {
  group: 'discovery.k8s.io',
  version: 'v1',
  plural: 'endpointslices',
  namespaced: true,
  validate: validateEndpointSlice,
  validateUpdate: validateEndpointSliceUpdate,
  printer: endpointSlicePrinter,
});
