// Counting a Job's ended pods exactly once, whatever is killed when: a pod's uid goes into the status before its
// finalizer is taken away, and is added to the counts only when the finalizer is seen gone (upstream's job tracking).
// Pure.
import type { Job, JobStatus } from '../../../api/kinds/batch/index.ts';
import type { Pod } from '../../../api/kinds/core/index.ts';
import { formatIndexes, parseIndexes } from './indexes.ts';
import { earlierFailures, indexOf, isFailed, isIndexed, isTracked, matchFailurePolicy } from './pods.ts';

export interface Tally {
  /** Pods that ended well and badly, those not yet in the counts included. */
  succeeded: number;
  failed: number;
  completedIndexes: Set<number>;
  failedIndexes: Set<number>;
  /** The counting part of the status to write. */
  status: Pick<JobStatus, 'succeeded' | 'failed' | 'completedIndexes' | 'failedIndexes' | 'uncountedTerminatedPods'>;
  /** Pods whose finalizer may go once that status is written. */
  release: Readonly<Pod>[];
}

export function planTally(job: Readonly<Job>, pods: readonly Readonly<Pod>[]): Tally {
  const { status = {}, spec } = job;
  const tracked = new Map(pods.filter(isTracked).map((pod) => [pod.metadata.uid, pod]));
  const completions = spec.completions ?? 0;
  const completedIndexes = parseIndexes(status.completedIndexes, completions);
  const failedIndexes = parseIndexes(status.failedIndexes, completions);
  const pending = { succeeded: new Set<string>(), failed: new Set<string>() };
  const counted = { succeeded: status.succeeded ?? 0, failed: status.failed ?? 0 };
  for (const kind of ['succeeded', 'failed'] as const) {
    for (const uid of status.uncountedTerminatedPods?.[kind] ?? []) {
      if (tracked.has(uid)) pending[kind].add(uid);
      else if (kind === 'failed' || !isIndexed(job)) counted[kind]++;
    }
  }
  const release: Readonly<Pod>[] = [];
  for (const [uid, pod] of tracked) {
    if (pod.status?.phase === 'Succeeded') {
      const index = indexOf(pod);
      if (isIndexed(job) && index >= 0 && index < completions) completedIndexes.add(index);
      pending.succeeded.add(uid);
      release.push(pod);
    } else if (isFailed(job, pod)) {
      const action = matchFailurePolicy(job, pod)?.action;
      if (isSpent(job, pod, action)) failedIndexes.add(indexOf(pod));
      if (action !== 'Ignore') pending.failed.add(uid);
      release.push(pod);
    }
  }
  // An index counts once, however many of its pods ended well.
  if (isIndexed(job)) counted.succeeded = completedIndexes.size;
  const list = (set: Set<string>): string[] | undefined => (set.size > 0 ? [...set].sort() : undefined);
  return {
    succeeded: isIndexed(job) ? completedIndexes.size : counted.succeeded + pending.succeeded.size,
    failed: counted.failed + pending.failed.size,
    completedIndexes,
    failedIndexes,
    status: {
      succeeded: counted.succeeded || undefined,
      failed: counted.failed || undefined,
      completedIndexes: completedIndexes.size > 0 ? formatIndexes(completedIndexes) : undefined,
      failedIndexes: spec.backoffLimitPerIndex === undefined ? undefined : formatIndexes(failedIndexes),
      uncountedTerminatedPods: { succeeded: list(pending.succeeded), failed: list(pending.failed) },
    },
    release,
  };
}

/** Whether the pod's index will not be tried again. */
function isSpent(job: Readonly<Job>, pod: Readonly<Pod>, action: string | undefined): boolean {
  const limit = job.spec.backoffLimitPerIndex;
  if (limit === undefined || indexOf(pod) < 0) return false;
  return action === 'FailIndex' || (action !== 'Ignore' && earlierFailures(pod) >= limit);
}
