// CSINode: which storage drivers a node has.
import { atomicList, defaulted, define, int32, keyedList, required, string } from '../../schema/vocabulary.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';
import { csiNodePrinter } from '../printing/storage-printers.ts';

export class VolumeNodeResources extends define('io.k8s.api.storage.v1.VolumeNodeResources', {
  count: int32,
}) {}

export class CSINodeDriver extends define('io.k8s.api.storage.v1.CSINodeDriver', {
  allocatable: VolumeNodeResources,
  name: required(string),
  nodeID: required(string),
  topologyKeys: atomicList(string),
}) {}

export class CSINodeSpec extends define('io.k8s.api.storage.v1.CSINodeSpec', {
  // Go clients send null for an empty list, and upstream takes it for one.
  drivers: required(defaulted(keyedList(CSINodeDriver, 'name'), [])),
}) {}

export class CSINode extends kind('io.k8s.api.storage.v1.CSINode', {
  spec: required(CSINodeSpec),
}) {}

export const csiNodes: ResourceDefinition<CSINode> = resource(CSINode, {
  group: 'storage.k8s.io',
  version: 'v1',
  plural: 'csinodes',
  namespaced: false,
  printer: csiNodePrinter,
});
