// Job: runs pods until enough of them have succeeded.
import { fillJob } from './job-defaults.ts';
import {
  atomicList,
  boolean,
  define,
  int32,
  int64,
  mergedList,
  oneOf,
  present,
  required,
  setOf,
  string,
  time,
  fillDefaults,
} from '../../schema/vocabulary.ts';
import { PodTemplateSpec } from '../core/pod-template-spec.ts';
import { LabelSelector } from '../meta/label-selector.ts';
import { kind } from '../kind.ts';
import { resource, status, type ResourceDefinition } from '../resource.ts';
import { jobPrinter } from '../printing/workload-printers.ts';
import { selectOwnPods, validateJob, validateJobUpdate } from './rules/job-rules.ts';

export class PodFailurePolicyOnExitCodesRequirement extends define(
  'io.k8s.api.batch.v1.PodFailurePolicyOnExitCodesRequirement',
  {
    containerName: string,
    operator: required(oneOf('In', 'NotIn')),
    values: required(setOf(int32)),
  },
) {}

export class PodFailurePolicyOnPodConditionsPattern extends define(
  'io.k8s.api.batch.v1.PodFailurePolicyOnPodConditionsPattern',
  {
    status: string,
    type: required(string),
  },
  {
    defaults: { status: 'True' },
  },
) {}

export class PodFailurePolicyRule extends define('io.k8s.api.batch.v1.PodFailurePolicyRule', {
  action: required(oneOf('Count', 'FailIndex', 'FailJob', 'Ignore')),
  onExitCodes: PodFailurePolicyOnExitCodesRequirement,
  onPodConditions: atomicList(PodFailurePolicyOnPodConditionsPattern),
}) {}

export class PodFailurePolicy extends define('io.k8s.api.batch.v1.PodFailurePolicy', {
  rules: required(atomicList(PodFailurePolicyRule)),
}) {}

export class SuccessPolicyRule extends define('io.k8s.api.batch.v1.SuccessPolicyRule', {
  succeededCount: int32,
  succeededIndexes: string,
}) {}

export class SuccessPolicy extends define('io.k8s.api.batch.v1.SuccessPolicy', {
  rules: required(atomicList(SuccessPolicyRule)),
}) {}

export class JobSpec extends define('io.k8s.api.batch.v1.JobSpec', {
  activeDeadlineSeconds: int64,
  backoffLimit: int32,
  backoffLimitPerIndex: int32,
  completionMode: oneOf('Indexed', 'NonIndexed'),
  completions: int32,
  managedBy: string,
  manualSelector: boolean,
  maxFailedIndexes: int32,
  parallelism: int32,
  podFailurePolicy: PodFailurePolicy,
  podReplacementPolicy: oneOf('Failed', 'TerminatingOrFailed'),
  selector: LabelSelector,
  successPolicy: SuccessPolicy,
  suspend: boolean,
  template: required(PodTemplateSpec),
  ttlSecondsAfterFinished: int32,
}) {}

export class JobCondition extends define('io.k8s.api.batch.v1.JobCondition', {
  lastProbeTime: time,
  lastTransitionTime: time,
  message: string,
  reason: string,
  status: required(string),
  type: required(string),
}) {}

export class UncountedTerminatedPods extends define('io.k8s.api.batch.v1.UncountedTerminatedPods', {
  failed: setOf(string),
  succeeded: setOf(string),
}) {}

export class JobStatus extends define('io.k8s.api.batch.v1.JobStatus', {
  active: int32,
  completedIndexes: string,
  completionTime: time,
  conditions: mergedList(JobCondition, 'type', { atomic: true }),
  failed: int32,
  failedIndexes: string,
  ready: int32,
  startTime: time,
  succeeded: int32,
  terminating: int32,
  uncountedTerminatedPods: UncountedTerminatedPods,
}) {}

export class Job extends kind('io.k8s.api.batch.v1.Job', {
  spec: present(JobSpec),
  status: JobStatus,
}) {}
fillDefaults(Job, fillJob);

export const jobs: ResourceDefinition<Job> = resource(Job, {
  group: 'batch',
  version: 'v1',
  plural: 'jobs',
  categories: ['all'],
  namespaced: true,
  subresources: { status },
  selectableFields({ status }) {
    return {
      'status.successful': String(status?.succeeded ?? 0),
    };
  },
  printer: jobPrinter,
  validate: validateJob,
  validateUpdate: validateJobUpdate,
  prepareForCreate: selectOwnPods,
});
