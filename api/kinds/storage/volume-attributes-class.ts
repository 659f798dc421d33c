// VolumeAttributesClass: properties of volumes that may change while they are used.
import { map, required, string } from '../../schema/vocabulary.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';
import { volumeAttributesClassPrinter } from '../printing/storage-printers.ts';
import { validateAttributesClassUpdate } from './storage-rules.ts';

export class VolumeAttributesClass extends kind('io.k8s.api.storage.v1.VolumeAttributesClass', {
  driverName: required(string),
  parameters: map(string),
}) {}

export const volumeAttributesClasses: ResourceDefinition<VolumeAttributesClass> = resource(VolumeAttributesClass, {
  group: 'storage.k8s.io',
  version: 'v1',
  plural: 'volumeattributesclasses',
  shortNames: ['vac'],
  namespaced: false,
  printer: volumeAttributesClassPrinter,
  validateUpdate: validateAttributesClassUpdate,
});
