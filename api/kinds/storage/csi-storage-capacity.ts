// CSIStorageCapacity: how much storage a class has left somewhere.
import { quantity, required, string } from '../../schema/vocabulary.ts';
import { LabelSelector } from '../meta/label-selector.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';

export class CSIStorageCapacity extends kind('io.k8s.api.storage.v1.CSIStorageCapacity', {
  capacity: quantity,
  maximumVolumeSize: quantity,
  nodeTopology: LabelSelector,
  storageClassName: required(string),
}) {}

export const csiStorageCapacities: ResourceDefinition<CSIStorageCapacity> = resource(CSIStorageCapacity, {
  group: 'storage.k8s.io',
  version: 'v1',
  plural: 'csistoragecapacities',
  namespaced: true,
});
