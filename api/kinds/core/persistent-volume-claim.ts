// PersistentVolumeClaim: a wish for storage, to be bound to a volume.
import {
  atomicList,
  define,
  keyedList,
  map,
  oneOf,
  present,
  quantity,
  required,
  string,
  time,
} from '../../schema/vocabulary.ts';
import { PersistentVolumeClaimSpec } from './persistent-volume-claim-spec.ts';
import { kind } from '../kind.ts';
import { resource, status, type ResourceDefinition } from '../resource.ts';
import { persistentVolumeClaimPrinter } from '../printing/storage-printers.ts';
import { validateClaim, validateClaimUpdate } from './rules/volume-claim-rules.ts';

export class ModifyVolumeStatus extends define('io.k8s.api.core.v1.ModifyVolumeStatus', {
  status: required(oneOf('InProgress', 'Infeasible', 'Pending')),
  targetVolumeAttributesClassName: string,
}) {}

export class PersistentVolumeClaimCondition extends define('io.k8s.api.core.v1.PersistentVolumeClaimCondition', {
  lastProbeTime: time,
  lastTransitionTime: time,
  message: string,
  reason: string,
  status: required(string),
  type: required(string),
}) {}

export class PersistentVolumeClaimStatus extends define(
  'io.k8s.api.core.v1.PersistentVolumeClaimStatus',
  {
    accessModes: atomicList(oneOf('ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod')),
    allocatedResourceStatuses: map(
      oneOf(
        'ControllerResizeInProgress',
        'ControllerResizeInfeasible',
        'NodeResizeInProgress',
        'NodeResizeInfeasible',
        'NodeResizePending',
      ),
      'granular',
    ),
    allocatedResources: map(quantity),
    capacity: map(quantity),
    conditions: keyedList(PersistentVolumeClaimCondition, 'type'),
    currentVolumeAttributesClassName: string,
    modifyVolumeStatus: ModifyVolumeStatus,
    phase: oneOf('Bound', 'Lost', 'Pending'),
  },
  {
    defaults: { phase: 'Pending' },
  },
) {}

export class PersistentVolumeClaim extends kind(
  'io.k8s.api.core.v1.PersistentVolumeClaim',
  {
    spec: present(PersistentVolumeClaimSpec),
    status: PersistentVolumeClaimStatus,
  },
  {
    defaults: { status: () => ({}) },
  },
) {}

export const persistentVolumeClaims: ResourceDefinition<PersistentVolumeClaim> = resource(PersistentVolumeClaim, {
  group: '',
  version: 'v1',
  plural: 'persistentvolumeclaims',
  shortNames: ['pvc'],
  namespaced: true,
  subresources: { status },
  printer: persistentVolumeClaimPrinter,
  validate: validateClaim,
  validateUpdate: validateClaimUpdate,
});
