// Rules of jobs and cron jobs.
import { matchesLabelSelector } from '../../../meta/selectors.ts';
import { invalidValue, notSupported, required, type FieldError } from '../../../schema/field-error.ts';
import { sameJson } from '../../../schema/json-value.ts';
import { nonNegative } from '../../core/rules/checks.ts';
import { validatePodTemplate } from '../../core/rules/pod-rules.ts';
import type { PodTemplateSpec } from '../../core/pod-template-spec.ts';
import { validateLabelSelector } from '../../meta/label-selector-rules.ts';
import { immutable } from '../../meta/object-meta-rules.ts';
import type { CronJob } from '../cron-job.ts';
import type { Job, JobSpec } from '../job.ts';
import { cronFault } from './cron-schedule.ts';

const uidLabel = 'batch.kubernetes.io/controller-uid';
const nameLabel = 'batch.kubernetes.io/job-name';

/** Gives a job a selector of its own, and its template the labels to match, unless the client brings them. */
export function selectOwnPods({ metadata, spec }: Job): void {
  // This runs before validation, so the template may be missing.
  const template: PodTemplateSpec | undefined = spec.template;
  if (spec.manualSelector === true || template === undefined) return;
  const { name, uid } = metadata;
  const own = { [uidLabel]: uid, [nameLabel]: name, 'controller-uid': uid, 'job-name': name };
  spec.selector = { ...spec.selector, matchLabels: { ...spec.selector?.matchLabels, [uidLabel]: uid } };
  template.metadata = { ...template.metadata, labels: { ...template.metadata.labels, ...own } };
}

/** Checks a job. */
export function validateJob({ spec }: Job): FieldError[] {
  const errors = validateJobSpec(spec, 'spec');
  errors.push(...validateLabelSelector(spec.selector, 'spec.selector'));
  if (spec.selector === undefined) {
    errors.push(required('spec.selector'));
  } else if (!matchesLabelSelector(spec.selector, spec.template.metadata.labels)) {
    const detail = '`selector` does not match template `labels`';
    errors.push(invalidValue('spec.template.metadata.labels', spec.template.metadata.labels ?? {}, detail));
  }
  return errors;
}

function validateJobSpec(spec: JobSpec, path: string): FieldError[] {
  const numbers = [
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
    'backoffLimitPerIndex',
    'maxFailedIndexes',
  ] as const;
  const errors = numbers.flatMap((field) => nonNegative(`${path}.${field}`, spec[field]));
  if (spec.completionMode === 'Indexed' && spec.completions === undefined) {
    errors.push(required(`${path}.completions`, 'when completion mode is Indexed'));
  }
  if (spec.backoffLimitPerIndex !== undefined && spec.completionMode !== 'Indexed') {
    errors.push(
      invalidValue(`${path}.backoffLimitPerIndex`, spec.backoffLimitPerIndex, 'requires indexed completion mode'),
    );
  }
  const { restartPolicy } = spec.template.spec;
  const restartPath = `${path}.template.spec.restartPolicy`;
  if (restartPolicy === 'Always') errors.push(notSupported(restartPath, restartPolicy, ['OnFailure', 'Never']));
  if (spec.podFailurePolicy !== undefined && restartPolicy !== 'Never') {
    errors.push(
      invalidValue(restartPath, restartPolicy, 'only "Never" is supported when podFailurePolicy is specified'),
    );
  }
  return [...errors, ...validatePodTemplate(spec.template, `${path}.template`)];
}

/** Checks an update of a job: what its pods are stays; a suspended job may still be steered. */
export function validateJobUpdate(next: Job, previous: Job): FieldError[] {
  const [after, before] = [next.spec, previous.spec];
  const fixed = ['selector', 'completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy'] as const;
  const errors = fixed.flatMap((field) => immutable(`spec.${field}`, after[field], before[field]));
  const elastic = after.completionMode === 'Indexed' && after.completions === after.parallelism;
  if (!elastic) errors.push(...immutable('spec.completions', after.completions, before.completions));
  const mayMove = before.suspend === true && previous.status?.startTime === undefined;
  const compared = (spec: JobSpec): unknown => (mayMove ? withoutPlacement(spec) : spec.template);
  if (!sameJson(compared(after), compared(before))) {
    errors.push(invalidValue('spec.template', after.template, 'field is immutable'));
  }
  return errors;
}

/** The template without what says where its pods go. */
function withoutPlacement({ template }: JobSpec): unknown {
  const {
    affinity: _affinity,
    nodeSelector: _selector,
    schedulingGates: _gates,
    tolerations: _tolerations,
    ...spec
  } = template.spec;
  const { annotations: _annotations, labels: _labels, ...metadata } = template.metadata;
  return { ...template, metadata, spec };
}

/** Names of cron jobs leave room for the minute that their jobs' names carry. */
const maxCronJobName = 52;

/** Checks a cron job. */
export function validateCronJob({ metadata, spec }: CronJob): FieldError[] {
  const errors: FieldError[] = [];
  if (metadata.name && metadata.name.length > maxCronJobName) {
    errors.push(invalidValue('metadata.name', metadata.name, 'must be no more than 52 characters'));
  }
  const fault = spec.schedule === '' ? undefined : cronFault(spec.schedule);
  if (fault !== undefined) errors.push(invalidValue('spec.schedule', spec.schedule, fault));
  if (spec.timeZone !== undefined && !/^[A-Za-z]+([/_+-][A-Za-z0-9]+)*$/.test(spec.timeZone)) {
    errors.push(invalidValue('spec.timeZone', spec.timeZone, 'unknown time zone'));
  }
  for (const field of ['startingDeadlineSeconds', 'successfulJobsHistoryLimit', 'failedJobsHistoryLimit'] as const) {
    errors.push(...nonNegative(`spec.${field}`, spec[field]));
  }
  if (spec.jobTemplate.spec.manualSelector === true) {
    errors.push(notSupported('spec.jobTemplate.spec.manualSelector', true, ['nil', 'false']));
  }
  return [...errors, ...validateJobSpec(spec.jobTemplate.spec, 'spec.jobTemplate.spec')];
}
