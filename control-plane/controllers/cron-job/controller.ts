// Starts Jobs when their CronJobs are due, each scheduled time at most once.
import type { ControllerContext } from '../context.ts';
import { cronJobs, jobs } from '../../../api/kinds/batch/index.ts';
import { controllerOf } from '../../../api/meta/object-meta.ts';
import { isApiError } from '../../../api/meta/status.ts';
import { runController, watchFor } from '../../../machinery/controller.ts';
import { createExpectations } from '../expectations.ts';
import { ownerIndexes } from '../ownership.ts';
import { isSame } from '../same.ts';
import { planCronJob } from './plan.ts';

/** Runs until the context's signal aborts. */
export function runCronJobController(context: ControllerContext): Promise<void> {
  const { client, informers, clock, signal, logger } = context;
  const cronInformer = informers.of(cronJobs);
  const jobInformer = informers.of(jobs, ownerIndexes);
  const expectations = createExpectations(jobInformer);
  const recorder = context.recorder('cronjob-controller');

  return runController({
    name: 'cronjob',
    sources: [
      watchFor(cronInformer),
      watchFor(jobInformer, (job) => {
        const owner = controllerOf(job);
        return owner?.kind === 'CronJob' ? [`${job.metadata.namespace}/${owner.name}`] : [];
      }),
    ],
    workers: 5,
    clock,
    logger,
    signal,
    async reconcile(key) {
      const cronJob = cronInformer.get(key);
      if (cronJob === undefined) return expectations.forget(key);
      if (!expectations.areMet(key)) return { requeueAfterMs: 1_000 };
      const { namespace } = cronJob.metadata;
      const jobApi = client.resource(jobs, namespace);
      const plan = planCronJob(cronJob, jobInformer.byIndex('controller', cronJob.metadata.uid), clock.now());
      for (const { type, reason, message } of plan.events) recorder.record(cronJob, type, reason, message);
      for (const job of [...plan.forget, ...plan.replace]) {
        const { name, uid } = job.metadata;
        await jobApi
          .delete(name, { propagationPolicy: 'Background', preconditions: { uid }, signal })
          .catch((error: unknown) => {
            if (!isApiError(error, 'NotFound')) throw error;
          });
        expectations.deleted(key, job);
        recorder.record(cronJob, 'Normal', 'SuccessfulDelete', `Deleted job ${name}`);
      }
      if (plan.start) {
        try {
          const job = await jobApi.create(plan.start, { signal });
          expectations.wrote(key, job);
          recorder.record(cronJob, 'Normal', 'SuccessfulCreate', `Created job ${job.metadata.name}`);
        } catch (error) {
          // Started already by us before a restart: the status below catches up.
          if (!isApiError(error, 'AlreadyExists')) throw error;
        }
      }
      if (!isSame(plan.status, cronJob.status ?? {})) {
        await client.resource(cronJobs, namespace).updateStatus({ ...cronJob, status: plan.status }, { signal });
      }
      return { requeueAfterMs: plan.requeueAfterMs };
    },
  });
}
