// Defaults of a Job that concern several of its fields; templates of jobs (CronJob) do not get them.
import type { Job } from './job.ts';

const largestInt32 = 2147483647;

/** One pod to completion, six retries, and the labels of the template. */
export function fillJob({ metadata, spec }: Job): void {
  if (spec === undefined) return;
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : largestInt32;
  spec.completionMode ??= 'NonIndexed';
  spec.suspend ??= false;
  spec.podReplacementPolicy ??= spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed';
  const labels = spec.template?.metadata?.labels;
  if (labels !== undefined) metadata.labels ??= { ...labels };
}
