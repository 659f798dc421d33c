// StorageClass: a kind of storage that claims can ask for.
import { atomicList, boolean, define, map, oneOf, required, string } from '../../schema/vocabulary.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';
import { storageClassPrinter } from '../printing/storage-printers.ts';
import { validateStorageClass, validateStorageClassUpdate } from './storage-rules.ts';

export class TopologySelectorLabelRequirement extends define('io.k8s.api.core.v1.TopologySelectorLabelRequirement', {
  key: required(string),
  values: required(atomicList(string)),
}) {}

export class TopologySelectorTerm extends define(
  'io.k8s.api.core.v1.TopologySelectorTerm',
  {
    matchLabelExpressions: atomicList(TopologySelectorLabelRequirement),
  },
  { atomic: true },
) {}

export class StorageClass extends kind(
  'io.k8s.api.storage.v1.StorageClass',
  {
    allowVolumeExpansion: boolean,
    allowedTopologies: atomicList(TopologySelectorTerm),
    mountOptions: atomicList(string),
    parameters: map(string),
    provisioner: required(string),
    reclaimPolicy: oneOf('Delete', 'Recycle', 'Retain'),
    volumeBindingMode: oneOf('Immediate', 'WaitForFirstConsumer'),
  },
  {
    defaults: { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' },
  },
) {}

export const storageClasses: ResourceDefinition<StorageClass> = resource(StorageClass, {
  group: 'storage.k8s.io',
  version: 'v1',
  plural: 'storageclasses',
  shortNames: ['sc'],
  namespaced: false,
  printer: storageClassPrinter,
  validate: validateStorageClass,
  validateUpdate: validateStorageClassUpdate,
});
