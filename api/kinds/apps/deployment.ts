// Deployment: keeps a number of equal pods running and replaces them step by step when their template changes.
import {
  boolean,
  define,
  int32,
  int64,
  intOrString,
  keyedList,
  oneOf,
  patched,
  present,
  required,
  string,
  time,
} from '../../schema/vocabulary.ts';
import { PodTemplateSpec } from '../core/pod-template-spec.ts';
import { LabelSelector } from '../meta/label-selector.ts';
import { kind } from '../kind.ts';
import { resource, scale, status, type ResourceDefinition } from '../resource.ts';
import { validateDeployment } from './rules/deployment-rules.ts';
import { validateSelectorKept } from './rules/workload-rules.ts';
import { deploymentPrinter } from '../printing/workload-printers.ts';

export class RollingUpdateDeployment extends define(
  'io.k8s.api.apps.v1.RollingUpdateDeployment',
  {
    maxSurge: intOrString,
    maxUnavailable: intOrString,
  },
  {
    defaults: { maxSurge: '25%', maxUnavailable: '25%' },
  },
) {}

export class DeploymentStrategy extends define(
  'io.k8s.api.apps.v1.DeploymentStrategy',
  {
    rollingUpdate: RollingUpdateDeployment,
    type: oneOf('Recreate', 'RollingUpdate'),
  },
  {
    defaults: { type: 'RollingUpdate', rollingUpdate: ({ type }) => (type === 'RollingUpdate' ? {} : undefined) },
  },
) {}

export class DeploymentSpec extends define(
  'io.k8s.api.apps.v1.DeploymentSpec',
  {
    minReadySeconds: int32,
    paused: boolean,
    progressDeadlineSeconds: int32,
    replicas: int32,
    revisionHistoryLimit: int32,
    selector: required(LabelSelector),
    strategy: patched(DeploymentStrategy, 'retainKeys'),
    template: required(PodTemplateSpec),
  },
  {
    defaults: { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600, strategy: () => ({}) },
  },
) {}

export class DeploymentCondition extends define('io.k8s.api.apps.v1.DeploymentCondition', {
  lastTransitionTime: time,
  lastUpdateTime: time,
  message: string,
  reason: string,
  status: required(string),
  type: required(string),
}) {}

export class DeploymentStatus extends define('io.k8s.api.apps.v1.DeploymentStatus', {
  availableReplicas: int32,
  collisionCount: int32,
  conditions: keyedList(DeploymentCondition, 'type'),
  observedGeneration: int64,
  readyReplicas: int32,
  replicas: int32,
  terminatingReplicas: int32,
  unavailableReplicas: int32,
  updatedReplicas: int32,
}) {}

export class Deployment extends kind('io.k8s.api.apps.v1.Deployment', {
  spec: present(DeploymentSpec),
  status: DeploymentStatus,
}) {}

export const deployments: ResourceDefinition<Deployment> = resource(Deployment, {
  group: 'apps',
  version: 'v1',
  plural: 'deployments',
  shortNames: ['deploy'],
  categories: ['all'],
  namespaced: true,
  subresources: { scale, status },
  validate: validateDeployment,
  validateUpdate: (next, previous) => validateSelectorKept(next.spec, previous.spec),
  printer: deploymentPrinter,
});
