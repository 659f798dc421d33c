// ResourceClaim: a claim to devices, for pods to share.
import {
  atomicList,
  boolean,
  define,
  keyedList,
  map,
  oneOf,
  quantity,
  rawExtension,
  required,
  string,
  time,
} from '../../schema/vocabulary.ts';
import { NodeSelector } from '../core/affinity.ts';
import { Condition } from '../meta/condition.ts';
import { DeviceToleration, OpaqueDeviceConfiguration } from './device.ts';
import { ResourceClaimSpec } from './resource-claim-spec.ts';
import { kind } from '../kind.ts';
import { resource, status, type ResourceDefinition } from '../resource.ts';
import { resourceClaimPrinter } from '../printing/policy-printers.ts';

export class NetworkDeviceData extends define('io.k8s.api.resource.v1.NetworkDeviceData', {
  hardwareAddress: string,
  interfaceName: string,
  ips: atomicList(string),
}) {}

export class AllocatedDeviceStatus extends define('io.k8s.api.resource.v1.AllocatedDeviceStatus', {
  conditions: keyedList(Condition, 'type', { mergeKey: null }),
  data: rawExtension,
  device: required(string),
  driver: required(string),
  networkData: NetworkDeviceData,
  pool: required(string),
  shareID: string,
}) {}

export class DeviceAllocationConfiguration extends define('io.k8s.api.resource.v1.DeviceAllocationConfiguration', {
  opaque: OpaqueDeviceConfiguration,
  requests: atomicList(string),
  source: required(oneOf('FromClaim', 'FromClass')),
}) {}

export class DeviceRequestAllocationResult extends define('io.k8s.api.resource.v1.DeviceRequestAllocationResult', {
  adminAccess: boolean,
  bindingConditions: atomicList(string),
  bindingFailureConditions: atomicList(string),
  consumedCapacity: map(quantity),
  device: required(string),
  driver: required(string),
  pool: required(string),
  request: required(string),
  shareID: string,
  tolerations: atomicList(DeviceToleration),
}) {}

export class DeviceAllocationResult extends define('io.k8s.api.resource.v1.DeviceAllocationResult', {
  config: atomicList(DeviceAllocationConfiguration),
  results: atomicList(DeviceRequestAllocationResult),
}) {}

export class AllocationResult extends define('io.k8s.api.resource.v1.AllocationResult', {
  allocationTimestamp: time,
  devices: DeviceAllocationResult,
  nodeSelector: NodeSelector,
}) {}

export class ResourceClaimConsumerReference extends define('io.k8s.api.resource.v1.ResourceClaimConsumerReference', {
  apiGroup: string,
  name: required(string),
  resource: required(string),
  uid: required(string),
}) {}

export class ResourceClaimStatus extends define('io.k8s.api.resource.v1.ResourceClaimStatus', {
  allocation: AllocationResult,
  devices: keyedList(AllocatedDeviceStatus, ['driver', 'device', 'pool', 'shareID'], { mergeKey: null }),
  reservedFor: keyedList(ResourceClaimConsumerReference, 'uid'),
}) {}

export class ResourceClaim extends kind('io.k8s.api.resource.v1.ResourceClaim', {
  spec: required(ResourceClaimSpec),
  status: ResourceClaimStatus,
}) {}

export const resourceClaims: ResourceDefinition<ResourceClaim> = resource(ResourceClaim, {
  group: 'resource.k8s.io',
  version: 'v1',
  plural: 'resourceclaims',
  namespaced: true,
  subresources: { status },
  printer: resourceClaimPrinter,
});
