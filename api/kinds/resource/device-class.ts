// DeviceClass: a kind of device that claims can ask for.
import { atomicList, define, required, string } from '../../schema/vocabulary.ts';
import { DeviceSelector, OpaqueDeviceConfiguration } from './device.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';
import { agePrinter } from '../printing/core-printers.ts';

export class DeviceClassConfiguration extends define('io.k8s.api.resource.v1.DeviceClassConfiguration', {
  opaque: OpaqueDeviceConfiguration,
}) {}

export class DeviceClassSpec extends define('io.k8s.api.resource.v1.DeviceClassSpec', {
  config: atomicList(DeviceClassConfiguration),
  extendedResourceName: string,
  selectors: atomicList(DeviceSelector),
}) {}

export class DeviceClass extends kind('io.k8s.api.resource.v1.DeviceClass', {
  spec: required(DeviceClassSpec),
}) {}

export const deviceClasses: ResourceDefinition<DeviceClass> = resource(DeviceClass, {
  group: 'resource.k8s.io',
  version: 'v1',
  plural: 'deviceclasses',
  namespaced: false,
  printer: agePrinter,
});
