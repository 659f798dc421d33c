// Runs Jobs to their end, counting every pod exactly once.
import type { Job } from '../../../api/kinds/batch/index.ts';
import type { Pod } from '../../../api/kinds/core/index.ts';
import type { ControllerContext } from '../context.ts';
import { jobs } from '../../../api/kinds/batch/index.ts';
import { pods } from '../../../api/kinds/core/index.ts';
import { controllerOf } from '../../../api/meta/object-meta.ts';
import { isApiError } from '../../../api/meta/status.ts';
import { runController, watchFor } from '../../../machinery/controller.ts';
import { conditionOf } from '../conditions.ts';
import { keysOfOwned, ownerIndexes, planClaims, syncClaims } from '../ownership.ts';
import { createPodControl, isNamespaceLeaving } from '../pod-control.ts';
import { isSame } from '../same.ts';
import { slowStart } from '../slow-start.ts';
import { isJobFinished, planJob } from './plan.ts';
import { isTracked, jobLabels, jobPod, trackingFinalizer } from './pods.ts';
import { planTally } from './tally.ts';

/** Runs until the context's signal aborts. */
export function runJobController(context: ControllerContext): Promise<void> {
  const { client, informers, clock, signal, logger } = context;
  const jobInformer = informers.of(jobs, ownerIndexes);
  const podInformer = informers.of(pods, {
    ...ownerIndexes,
    trackedJob: (pod) => {
      const owner = controllerOf(pod);
      return owner?.kind === 'Job' && isTracked(pod) ? [`${pod.metadata.namespace}/${owner.name}`] : [];
    },
  });
  const control = createPodControl(context, 'job-controller');
  const recorder = context.recorder('job-controller');
  const selectorOf = (job: Readonly<Job>) => job.spec.selector ?? { matchLabels: jobLabels(job) };

  const release = async (pod: Readonly<Pod>): Promise<void> => {
    const { name, namespace, uid } = pod.metadata;
    const body = { metadata: { uid, [`$deleteFromPrimitiveList/finalizers`]: [trackingFinalizer] } };
    await client
      .resource(pods, namespace)
      .patch(name, { type: 'strategic', body }, { signal })
      .catch((error: unknown) => {
        if (!isApiError(error, 'NotFound') && !isApiError(error, 'Conflict')) throw error;
      });
  };
  /** Pods of Jobs that are gone must not be held by our finalizer. */
  const releaseStrays = (key: string, job: Readonly<Job> | undefined): Promise<unknown> =>
    Promise.all(
      podInformer
        .byIndex('trackedJob', key)
        .filter((pod) => controllerOf(pod)?.uid !== job?.metadata.uid)
        .map(release),
    );

  const tellConditions = (job: Readonly<Job>, before: Readonly<Job>): void => {
    const turned = (type: string): ReturnType<typeof conditionOf> => {
      const now = conditionOf(job.status?.conditions, type);
      return now?.status === 'True' && conditionOf(before.status?.conditions, type)?.status !== 'True'
        ? now
        : undefined;
    };
    if (turned('Complete')) recorder.record(job, 'Normal', 'Completed', 'Job completed');
    const failed = turned('Failed');
    if (failed) recorder.record(job, 'Warning', failed.reason ?? 'Failed', failed.message ?? '');
    if (turned('Suspended')) recorder.record(job, 'Normal', 'Suspended', 'Job suspended');
    const wasSuspended = conditionOf(before.status?.conditions, 'Suspended')?.status === 'True';
    if (wasSuspended && conditionOf(job.status?.conditions, 'Suspended')?.status === 'False')
      recorder.record(job, 'Normal', 'Resumed', 'Job resumed');
  };

  const reconcile = async (key: string): Promise<{ requeueAfterMs?: number } | void> => {
    const job = jobInformer.get(key);
    await releaseStrays(key, job);
    if (job === undefined) return control.forget(key);
    if (job.spec.managedBy !== undefined && job.spec.managedBy !== 'kubernetes.io/job-controller') return;
    if (!control.isCurrent(key)) return { requeueAfterMs: 1_000 };
    const jobApi = client.resource(jobs, job.metadata.namespace);
    const claims = planClaims(job, selectorOf(job), podInformer);
    const podApi = client.resource(pods, job.metadata.namespace);
    const mine = await syncClaims(job, jobApi, claims, podApi, signal, trackingFinalizer);
    if (isJobFinished(job) || job.metadata.deletionTimestamp !== undefined)
      return void (await Promise.all(mine.filter(isTracked).map(release)));

    const tally = planTally(job, mine);
    const plan = planJob(job, mine, tally, clock.now());
    // The uids go into the status first; only then may the pods go.
    if (!isSame(plan.status, job.status))
      tellConditions(await jobApi.updateStatus({ ...job, status: plan.status }, { signal }), job);
    await Promise.all(tally.release.map(release));
    await Promise.all(
      plan.delete.map(async (pod) => {
        if (isTracked(pod)) await release(pod);
        await control.delete(job, pod);
      }),
    );
    try {
      await slowStart(plan.create.length, async (i) => {
        const { index, failures } = plan.create[i] ?? { index: undefined, failures: 0 };
        await control.create(job, jobPod(job, index, failures));
      });
    } catch (error) {
      if (!isNamespaceLeaving(error)) throw error;
    }
    return { requeueAfterMs: plan.requeueAfterMs };
  };

  return runController({
    name: 'job',
    sources: [watchFor(jobInformer), watchFor(podInformer, keysOfOwned('Job', jobInformer, selectorOf))],
    workers: 5,
    clock,
    logger,
    signal,
    reconcile,
  });
}
