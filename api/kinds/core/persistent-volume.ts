// PersistentVolume: storage that outlives pods.
import { define, oneOf, present, string, time } from '../../schema/vocabulary.ts';
import { PersistentVolumeSpec } from './persistent-volume-spec.ts';
import { kind } from '../kind.ts';
import { resource, status, type ResourceDefinition } from '../resource.ts';
import { persistentVolumePrinter } from '../printing/storage-printers.ts';
import { validateVolumeObject, validateVolumeObjectUpdate } from './rules/volume-claim-rules.ts';

export class PersistentVolumeStatus extends define(
  'io.k8s.api.core.v1.PersistentVolumeStatus',
  {
    lastPhaseTransitionTime: time,
    message: string,
    phase: oneOf('Available', 'Bound', 'Failed', 'Pending', 'Released'),
    reason: string,
  },
  {
    defaults: { phase: 'Pending' },
  },
) {}

export class PersistentVolume extends kind(
  'io.k8s.api.core.v1.PersistentVolume',
  {
    spec: present(PersistentVolumeSpec),
    status: PersistentVolumeStatus,
  },
  {
    defaults: { status: () => ({}) },
  },
) {}

export const persistentVolumes: ResourceDefinition<PersistentVolume> = resource(PersistentVolume, {
  group: '',
  version: 'v1',
  plural: 'persistentvolumes',
  shortNames: ['pv'],
  namespaced: false,
  subresources: { status },
  printer: persistentVolumePrinter,
  validate: validateVolumeObject,
  validateUpdate: validateVolumeObjectUpdate,
});
