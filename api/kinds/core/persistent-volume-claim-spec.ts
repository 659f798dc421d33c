// PersistentVolumeClaimSpec: what a claim wishes for.
import { atomicList, define, map, oneOf, quantity, required, string } from '../../schema/vocabulary.ts';
import { TypedLocalObjectReference } from './reference.ts';
import { LabelSelector } from '../meta/label-selector.ts';

export class TypedObjectReference extends define('io.k8s.api.core.v1.TypedObjectReference', {
  apiGroup: string,
  kind: required(string),
  name: required(string),
  namespace: string,
}) {}

export class VolumeResourceRequirements extends define('io.k8s.api.core.v1.VolumeResourceRequirements', {
  limits: map(quantity),
  requests: map(quantity),
}) {}

export class PersistentVolumeClaimSpec extends define(
  'io.k8s.api.core.v1.PersistentVolumeClaimSpec',
  {
    accessModes: atomicList(oneOf('ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod')),
    dataSource: TypedLocalObjectReference,
    dataSourceRef: TypedObjectReference,
    resources: VolumeResourceRequirements,
    selector: LabelSelector,
    storageClassName: string,
    volumeAttributesClassName: string,
    volumeMode: oneOf('Block', 'Filesystem'),
    volumeName: string,
  },
  {
    defaults: { volumeMode: 'Filesystem' },
  },
) {}
