// ReplicationController: keeps a number of equal pods running; the ancestor of ReplicaSet.
import {
  defaulted,
  define,
  int32,
  int64,
  keyedList,
  map,
  present,
  required,
  string,
  time,
} from '../../schema/vocabulary.ts';
import { PodTemplateSpec } from './pod-template-spec.ts';
import { kind } from '../kind.ts';
import { resource, scale, status, type ResourceDefinition } from '../resource.ts';
import { replicationControllerPrinter } from '../printing/workload-printers.ts';
import { validateReplicationController } from './rules/replication-controller-rules.ts';

export class ReplicationControllerSpec extends define('io.k8s.api.core.v1.ReplicationControllerSpec', {
  minReadySeconds: int32,
  replicas: defaulted(int32, 1),
  selector: map(string, 'atomic'),
  template: PodTemplateSpec,
}) {}

export class ReplicationControllerCondition extends define('io.k8s.api.core.v1.ReplicationControllerCondition', {
  lastTransitionTime: time,
  message: string,
  reason: string,
  status: required(string),
  type: required(string),
}) {}

export class ReplicationControllerStatus extends define('io.k8s.api.core.v1.ReplicationControllerStatus', {
  availableReplicas: int32,
  conditions: keyedList(ReplicationControllerCondition, 'type'),
  fullyLabeledReplicas: int32,
  observedGeneration: int64,
  readyReplicas: int32,
  replicas: required(int32),
}) {}

export class ReplicationController extends kind(
  'io.k8s.api.core.v1.ReplicationController',
  {
    spec: present(ReplicationControllerSpec),
    status: ReplicationControllerStatus,
  },
  {
    fill({ metadata, spec }) {
      const labels = spec.template?.metadata?.labels;
      if (labels === undefined) return;
      spec.selector ??= { ...labels };
      metadata.labels ??= { ...labels };
    },
  },
) {}

export const replicationControllers: ResourceDefinition<ReplicationController> = resource(ReplicationController, {
  group: '',
  version: 'v1',
  plural: 'replicationcontrollers',
  shortNames: ['rc'],
  categories: ['all'],
  namespaced: true,
  subresources: { scale, status },
  storage: 'controllers',
  selectableFields({ status }) {
    return {
      'status.replicas': String(status?.replicas ?? 0),
    };
  },
  printer: replicationControllerPrinter,
  validate: validateReplicationController,
});
