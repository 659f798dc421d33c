// StatefulSet: keeps pods running that each have a name, and storage, of their own.
import {
  atomicList,
  define,
  int32,
  int64,
  intOrString,
  keyedList,
  oneOf,
  present,
  required,
  string,
  time,
} from '../../schema/vocabulary.ts';
import { PersistentVolumeClaim } from '../core/persistent-volume-claim.ts';
import { PodTemplateSpec } from '../core/pod-template-spec.ts';
import { LabelSelector } from '../meta/label-selector.ts';
import { draft, kind } from '../kind.ts';
import { resource, scale, status, type ResourceDefinition } from '../resource.ts';
import { validateStatefulSet, validateStatefulSetUpdate } from './rules/deployment-rules.ts';
import { statefulSetPrinter } from '../printing/workload-printers.ts';

export class RollingUpdateStatefulSetStrategy extends define(
  'io.k8s.api.apps.v1.RollingUpdateStatefulSetStrategy',
  {
    maxUnavailable: intOrString,
    partition: int32,
  },
  {
    defaults: { partition: 0 },
  },
) {}

export class StatefulSetOrdinals extends define('io.k8s.api.apps.v1.StatefulSetOrdinals', {
  start: int32,
}) {}

export class StatefulSetPersistentVolumeClaimRetentionPolicy extends define(
  'io.k8s.api.apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy',
  {
    whenDeleted: string,
    whenScaled: string,
  },
  {
    defaults: { whenDeleted: 'Retain', whenScaled: 'Retain' },
  },
) {}

export class StatefulSetUpdateStrategy extends define(
  'io.k8s.api.apps.v1.StatefulSetUpdateStrategy',
  {
    rollingUpdate: RollingUpdateStatefulSetStrategy,
    type: oneOf('OnDelete', 'RollingUpdate'),
  },
  {
    defaults: { type: 'RollingUpdate', rollingUpdate: ({ type }) => (type === 'RollingUpdate' ? {} : undefined) },
  },
) {}

export class StatefulSetSpec extends define(
  'io.k8s.api.apps.v1.StatefulSetSpec',
  {
    minReadySeconds: int32,
    ordinals: StatefulSetOrdinals,
    persistentVolumeClaimRetentionPolicy: StatefulSetPersistentVolumeClaimRetentionPolicy,
    podManagementPolicy: oneOf('OrderedReady', 'Parallel'),
    replicas: int32,
    revisionHistoryLimit: int32,
    selector: required(LabelSelector),
    serviceName: string,
    template: required(PodTemplateSpec),
    updateStrategy: StatefulSetUpdateStrategy,
    volumeClaimTemplates: atomicList(draft(PersistentVolumeClaim)),
  },
  {
    defaults: {
      podManagementPolicy: 'OrderedReady',
      updateStrategy: () => ({}),
      replicas: 1,
      revisionHistoryLimit: 10,
      persistentVolumeClaimRetentionPolicy: () => ({}),
    },
  },
) {}

export class StatefulSetCondition extends define('io.k8s.api.apps.v1.StatefulSetCondition', {
  lastTransitionTime: time,
  message: string,
  reason: string,
  status: required(string),
  type: required(string),
}) {}

export class StatefulSetStatus extends define('io.k8s.api.apps.v1.StatefulSetStatus', {
  availableReplicas: int32,
  collisionCount: int32,
  conditions: keyedList(StatefulSetCondition, 'type'),
  currentReplicas: int32,
  currentRevision: string,
  observedGeneration: int64,
  readyReplicas: int32,
  replicas: required(int32),
  updateRevision: string,
  updatedReplicas: int32,
}) {}

export class StatefulSet extends kind('io.k8s.api.apps.v1.StatefulSet', {
  spec: present(StatefulSetSpec),
  status: StatefulSetStatus,
}) {}

export const statefulSets: ResourceDefinition<StatefulSet> = resource(StatefulSet, {
  group: 'apps',
  version: 'v1',
  plural: 'statefulsets',
  shortNames: ['sts'],
  categories: ['all'],
  namespaced: true,
  subresources: { scale, status },
  validate: validateStatefulSet,
  validateUpdate: validateStatefulSetUpdate,
  printer: statefulSetPrinter,
});
