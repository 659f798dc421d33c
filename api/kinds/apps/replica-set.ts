// ReplicaSet: keeps a number of equal pods running. Usually a Deployment makes it.
import { define, int32, int64, keyedList, present, required, string, time } from '../../schema/vocabulary.ts';
import { PodTemplateSpec } from '../core/pod-template-spec.ts';
import { LabelSelector } from '../meta/label-selector.ts';
import { kind } from '../kind.ts';
import { resource, scale, status, type ResourceDefinition } from '../resource.ts';
import { validateSelectorKept, validateWorkload } from './rules/workload-rules.ts';
import { replicaSetPrinter } from '../printing/workload-printers.ts';

export class ReplicaSetSpec extends define(
  'io.k8s.api.apps.v1.ReplicaSetSpec',
  {
    minReadySeconds: int32,
    replicas: int32,
    selector: required(LabelSelector),
    template: present(PodTemplateSpec),
  },
  {
    defaults: { replicas: 1 },
  },
) {}

export class ReplicaSetCondition extends define('io.k8s.api.apps.v1.ReplicaSetCondition', {
  lastTransitionTime: time,
  message: string,
  reason: string,
  status: required(string),
  type: required(string),
}) {}

export class ReplicaSetStatus extends define('io.k8s.api.apps.v1.ReplicaSetStatus', {
  availableReplicas: int32,
  conditions: keyedList(ReplicaSetCondition, 'type'),
  fullyLabeledReplicas: int32,
  observedGeneration: int64,
  readyReplicas: int32,
  replicas: required(int32),
  terminatingReplicas: int32,
}) {}

export class ReplicaSet extends kind('io.k8s.api.apps.v1.ReplicaSet', {
  spec: present(ReplicaSetSpec),
  status: ReplicaSetStatus,
}) {}

export const replicaSets: ResourceDefinition<ReplicaSet> = resource(ReplicaSet, {
  group: 'apps',
  version: 'v1',
  plural: 'replicasets',
  shortNames: ['rs'],
  categories: ['all'],
  namespaced: true,
  subresources: { scale, status },
  validate: ({ spec }) => validateWorkload(spec, 'replicaset'),
  validateUpdate: (next, previous) => validateSelectorKept(next.spec, previous.spec),
  selectableFields({ status }) {
    return {
      'status.replicas': String(status?.replicas ?? 0),
    };
  },
  printer: replicaSetPrinter,
});
