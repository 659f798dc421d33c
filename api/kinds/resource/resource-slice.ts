// ResourceSlice: some of the devices of a node or of a pool.
import {
  atomicList,
  boolean,
  define,
  int64,
  map,
  oneOf,
  quantity,
  required,
  string,
  time,
} from '../../schema/vocabulary.ts';
import { NodeSelector } from '../core/affinity.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';
import { resourceSlicePrinter } from '../printing/policy-printers.ts';

export class CapacityRequestPolicyRange extends define('io.k8s.api.resource.v1.CapacityRequestPolicyRange', {
  max: quantity,
  min: required(quantity),
  step: quantity,
}) {}

export class CapacityRequestPolicy extends define('io.k8s.api.resource.v1.CapacityRequestPolicy', {
  default: quantity,
  validRange: CapacityRequestPolicyRange,
  validValues: atomicList(quantity),
}) {}

export class Counter extends define('io.k8s.api.resource.v1.Counter', {
  value: required(quantity),
}) {}

export class CounterSet extends define('io.k8s.api.resource.v1.CounterSet', {
  counters: required(map(Counter)),
  name: required(string),
}) {}

export class DeviceAttribute extends define('io.k8s.api.resource.v1.DeviceAttribute', {
  bool: boolean,
  bools: atomicList(boolean),
  int: int64,
  ints: atomicList(int64),
  string,
  strings: atomicList(string),
  version: string,
  versions: atomicList(string),
}) {}

export class DeviceCapacity extends define('io.k8s.api.resource.v1.DeviceCapacity', {
  requestPolicy: CapacityRequestPolicy,
  value: required(quantity),
}) {}

export class DeviceCounterConsumption extends define('io.k8s.api.resource.v1.DeviceCounterConsumption', {
  counterSet: required(string),
  counters: required(map(Counter)),
}) {}

export class NodeAllocatableResourceMapping extends define('io.k8s.api.resource.v1.NodeAllocatableResourceMapping', {
  allocationMultiplier: quantity,
  capacityKey: string,
}) {}

export class DeviceTaint extends define('io.k8s.api.resource.v1.DeviceTaint', {
  effect: required(oneOf('NoExecute', 'NoSchedule', 'None')),
  key: required(string),
  timeAdded: time,
  value: string,
}) {}

export class Device extends define('io.k8s.api.resource.v1.Device', {
  allNodes: boolean,
  allowMultipleAllocations: boolean,
  attributes: map(DeviceAttribute),
  bindingConditions: atomicList(string),
  bindingFailureConditions: atomicList(string),
  bindsToNode: boolean,
  capacity: map(DeviceCapacity),
  consumesCounters: atomicList(DeviceCounterConsumption),
  name: required(string),
  nodeAllocatableResourceMappings: map(NodeAllocatableResourceMapping),
  nodeName: string,
  nodeSelector: NodeSelector,
  taints: atomicList(DeviceTaint),
}) {}

export class ResourcePool extends define('io.k8s.api.resource.v1.ResourcePool', {
  generation: required(int64),
  name: required(string),
  resourceSliceCount: required(int64),
}) {}

export class ResourceSliceSpec extends define('io.k8s.api.resource.v1.ResourceSliceSpec', {
  allNodes: boolean,
  devices: atomicList(Device),
  driver: required(string),
  nodeName: string,
  nodeSelector: NodeSelector,
  perDeviceNodeSelection: boolean,
  pool: required(ResourcePool),
  sharedCounters: atomicList(CounterSet),
}) {}

export class ResourceSlice extends kind('io.k8s.api.resource.v1.ResourceSlice', {
  spec: required(ResourceSliceSpec),
}) {}

export const resourceSlices: ResourceDefinition<ResourceSlice> = resource(ResourceSlice, {
  group: 'resource.k8s.io',
  version: 'v1',
  plural: 'resourceslices',
  namespaced: false,
  selectableFields({ spec }) {
    return {
      'spec.driver': spec.driver,
      'spec.nodeName': spec.nodeName ?? '',
    };
  },
  printer: resourceSlicePrinter,
});
