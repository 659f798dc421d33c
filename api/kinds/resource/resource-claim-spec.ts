// ResourceClaimSpec: which devices a claim asks for.
import { atomicList, boolean, define, int64, map, oneOf, quantity, required, string } from '../../schema/vocabulary.ts';
import { DeviceSelector, DeviceToleration, OpaqueDeviceConfiguration } from './device.ts';

export class CapacityRequirements extends define('io.k8s.api.resource.v1.CapacityRequirements', {
  requests: map(quantity),
}) {}

export class DeviceClaimConfiguration extends define('io.k8s.api.resource.v1.DeviceClaimConfiguration', {
  opaque: OpaqueDeviceConfiguration,
  requests: atomicList(string),
}) {}

export class DeviceConstraint extends define('io.k8s.api.resource.v1.DeviceConstraint', {
  distinctAttribute: string,
  matchAttribute: string,
  requests: atomicList(string),
}) {}

export class ExactDeviceRequest extends define(
  'io.k8s.api.resource.v1.ExactDeviceRequest',
  {
    adminAccess: boolean,
    allocationMode: oneOf('All', 'ExactCount'),
    capacity: CapacityRequirements,
    count: int64,
    deviceClassName: required(string),
    selectors: atomicList(DeviceSelector),
    tolerations: atomicList(DeviceToleration),
  },
  {
    defaults: {
      allocationMode: 'ExactCount',
      count: ({ allocationMode }) => (allocationMode === 'ExactCount' ? 1 : undefined),
    },
  },
) {}

export class DeviceSubRequest extends define(
  'io.k8s.api.resource.v1.DeviceSubRequest',
  {
    allocationMode: oneOf('All', 'ExactCount'),
    capacity: CapacityRequirements,
    count: int64,
    deviceClassName: required(string),
    name: required(string),
    selectors: atomicList(DeviceSelector),
    tolerations: atomicList(DeviceToleration),
  },
  {
    defaults: {
      allocationMode: 'ExactCount',
      count: ({ allocationMode }) => (allocationMode === 'ExactCount' ? 1 : undefined),
    },
  },
) {}

export class DeviceRequest extends define('io.k8s.api.resource.v1.DeviceRequest', {
  exactly: ExactDeviceRequest,
  firstAvailable: atomicList(DeviceSubRequest),
  name: required(string),
}) {}

export class DeviceClaim extends define('io.k8s.api.resource.v1.DeviceClaim', {
  config: atomicList(DeviceClaimConfiguration),
  constraints: atomicList(DeviceConstraint),
  requests: atomicList(DeviceRequest),
}) {}

export class ResourceClaimSpec extends define('io.k8s.api.resource.v1.ResourceClaimSpec', {
  devices: DeviceClaim,
}) {}
