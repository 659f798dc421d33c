// Deletes finished Jobs when their time to live is over.
import type { Job } from '../../../api/kinds/batch/index.ts';
import type { ControllerContext } from '../context.ts';
import { jobs } from '../../../api/kinds/batch/index.ts';
import { isApiError } from '../../../api/meta/status.ts';
import { runController, watchFor } from '../../../machinery/controller.ts';
import { isJobFinished } from '../job/plan.ts';
import { ownerIndexes } from '../ownership.ts';

/** When the Job may go; undefined when it stays, or has not finished. */
export function planExpiryMs(job: Readonly<Job>): number | undefined {
  const { ttlSecondsAfterFinished } = job.spec;
  if (ttlSecondsAfterFinished === undefined || !isJobFinished(job) || job.metadata.deletionTimestamp !== undefined)
    return undefined;
  const end = job.status?.conditions?.find(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  );
  return Date.parse(end?.lastTransitionTime ?? job.metadata.creationTimestamp) + ttlSecondsAfterFinished * 1000;
}

/** Runs until the context's signal aborts. */
export function runTtlAfterFinishedController(context: ControllerContext): Promise<void> {
  const { client, informers, clock, signal, logger } = context;
  const jobInformer = informers.of(jobs, ownerIndexes);
  return runController({
    name: 'ttl-after-finished',
    sources: [watchFor(jobInformer)],
    workers: 5,
    clock,
    logger,
    signal,
    async reconcile(key) {
      const job = jobInformer.get(key);
      const expiryMs = job && planExpiryMs(job);
      if (job === undefined || expiryMs === undefined) return;
      const leftMs = expiryMs - clock.now();
      if (leftMs > 0) return { requeueAfterMs: leftMs };
      const { name, namespace, uid, resourceVersion } = job.metadata;
      // The revision makes sure that nobody has just prolonged its life.
      await client
        .resource(jobs, namespace)
        .delete(name, { propagationPolicy: 'Foreground', preconditions: { uid, resourceVersion }, signal })
        .catch((error: unknown) => {
          if (!isApiError(error, 'NotFound')) throw error;
        });
    },
  });
}
