// Endpoints: the addresses behind a service, in the old form. See EndpointSlice.
import { atomicList, define, int32, oneOf, required, string } from '../../schema/vocabulary.ts';
import { ObjectReference } from './reference.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';
import { endpointsPrinter } from '../printing/core-printers.ts';

export class EndpointAddress extends define(
  'io.k8s.api.core.v1.EndpointAddress',
  {
    hostname: string,
    ip: required(string),
    nodeName: string,
    targetRef: ObjectReference,
  },
  { atomic: true },
) {}

export class EndpointPort extends define(
  'io.k8s.api.core.v1.EndpointPort',
  {
    appProtocol: string,
    name: string,
    port: required(int32),
    protocol: oneOf('SCTP', 'TCP', 'UDP'),
  },
  { atomic: true, defaults: { protocol: 'TCP' } },
) {}

export class EndpointSubset extends define('io.k8s.api.core.v1.EndpointSubset', {
  addresses: atomicList(EndpointAddress),
  notReadyAddresses: atomicList(EndpointAddress),
  ports: atomicList(EndpointPort),
}) {}

export class Endpoints extends kind('io.k8s.api.core.v1.Endpoints', {
  subsets: atomicList(EndpointSubset),
}) {}

export const endpoints: ResourceDefinition<Endpoints> = resource(Endpoints, {
  group: '',
  version: 'v1',
  plural: 'endpoints',
  shortNames: ['ep'],
  namespaced: true,
  storage: 'services/endpoints',
  printer: endpointsPrinter,
});
