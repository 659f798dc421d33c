// CronJob: makes jobs at given times.
import {
  atomicList,
  boolean,
  define,
  int32,
  int64,
  oneOf,
  present,
  required,
  string,
  time,
} from '../../schema/vocabulary.ts';
import { JobSpec } from './job.ts';
import { ObjectReference } from '../core/reference.ts';
import { templateMeta } from '../meta/object-meta.ts';
import { kind } from '../kind.ts';
import { resource, status, type ResourceDefinition } from '../resource.ts';
import { cronJobPrinter } from '../printing/workload-printers.ts';
import { validateCronJob } from './rules/job-rules.ts';

export class JobTemplateSpec extends define('io.k8s.api.batch.v1.JobTemplateSpec', {
  metadata: templateMeta,
  spec: present(JobSpec),
}) {}

export class CronJobSpec extends define(
  'io.k8s.api.batch.v1.CronJobSpec',
  {
    concurrencyPolicy: oneOf('Allow', 'Forbid', 'Replace'),
    failedJobsHistoryLimit: int32,
    jobTemplate: required(JobTemplateSpec),
    schedule: required(string),
    startingDeadlineSeconds: int64,
    successfulJobsHistoryLimit: int32,
    suspend: boolean,
    timeZone: string,
  },
  {
    defaults: { concurrencyPolicy: 'Allow', suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 },
  },
) {}

export class CronJobStatus extends define('io.k8s.api.batch.v1.CronJobStatus', {
  active: atomicList(ObjectReference),
  lastScheduleTime: time,
  lastSuccessfulTime: time,
}) {}

export class CronJob extends kind('io.k8s.api.batch.v1.CronJob', {
  spec: required(CronJobSpec),
  status: CronJobStatus,
}) {}

export const cronJobs: ResourceDefinition<CronJob> = resource(CronJob, {
  group: 'batch',
  version: 'v1',
  plural: 'cronjobs',
  shortNames: ['cj'],
  categories: ['all'],
  namespaced: true,
  subresources: { status },
  printer: cronJobPrinter,
  validate: validateCronJob,
});
