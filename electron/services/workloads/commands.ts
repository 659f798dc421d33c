// Actions on workloads of every kind. Each is one write to the API server, recorded so that it can be taken back.
import { z } from 'zod';
import type { ObjectRef } from '../../../api/console/index.ts';
import { controllerRevisions, type ControllerRevision } from '../../../api/kinds/apps/index.ts';
import { jobs, type CronJob, type Job } from '../../../api/kinds/batch/index.ts';
import type { Draft, KubernetesObject } from '../../../api/meta/object-meta.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { changeObject } from '../changes/recorded.ts';
import { clusterId, objectRef, type CommandsOf } from '../commands/table.ts';
import type { Context } from '../context.ts';
import { ServiceError } from '../errors.ts';
import { refOf } from '../explorer/object-detail.ts';
import { resourceOf } from '../resources.ts';
import { compareRevision, findControllerRevision, revisionViews, templateOfRevision } from './revisions.ts';

const ofObject = z.strictObject({ clusterId, object: objectRef });
const ofRevision = ofObject.extend({ revision: z.number().int().min(0) });
const mostReplicas = 100_000;
const longestName = 52; // a Job's pods add up to eleven characters to its name

interface Scalable extends KubernetesObject {
  readonly spec?: { readonly replicas?: number };
}

async function change(
  context: Context,
  { clusterId: id, object }: z.infer<typeof ofObject>,
  verb: string,
  body: object,
  summary: (before: Scalable, after: Scalable) => string,
  type: 'merge' | 'strategic' = 'merge',
): Promise<Record<string, never>> {
  const resource = await resourceOf(context.clusters.get(id).session.client, object);
  const target = { clusterId: id, resource, namespace: object.namespace, name: object.name };
  await changeObject(
    context,
    target,
    verb,
    (before, after) => summary(before, after),
    (objects) => objects.patch(object.name, { type, body }),
  );
  return {};
}

async function withRevisions(
  { clusters }: Context,
  id: string,
  object: ObjectRef,
): Promise<{ owner: KubernetesObject; revisions: readonly ControllerRevision[] }> {
  const { client } = clusters.get(id).session;
  const owner = await client.resource(await resourceOf(client, object), object.namespace).get(object.name);
  const { items } = await client.resource<ControllerRevision>(controllerRevisions, object.namespace).list();
  return { owner, revisions: items };
}

/** The Job that a CronJob would start, as `kubectl create job --from` makes it. */
export function jobOfCronJob(cron: CronJob, nowMs: number): Draft<Job> {
  const { jobTemplate } = cron.spec;
  if (jobTemplate?.spec === undefined) throw new ServiceError('Invalid', `${cron.metadata.name} has no job template.`);
  return {
    metadata: {
      name: `${cron.metadata.name.slice(0, longestName - 7)}-m${Math.floor(nowMs / 1000).toString(36)}`,
      labels: jobTemplate.metadata?.labels,
      annotations: { ...jobTemplate.metadata?.annotations, 'cronjob.kubernetes.io/instantiate': 'manual' },
      ownerReferences: [
        { apiVersion: 'batch/v1', kind: 'CronJob', name: cron.metadata.name, uid: cron.metadata.uid, controller: true },
      ],
    },
    spec: jobTemplate.spec,
  } as Draft<Job>;
}

export const workloadCommands: CommandsOf<'workloads'> = {
  'workloads.scale': {
    payload: ofObject.extend({ replicas: z.number().int().min(0).max(mostReplicas) }),
    run: ({ replicas, ...payload }, context) =>
      change(
        context,
        payload,
        'scale',
        { spec: { replicas } },
        (before, after) => `${before.spec?.replicas ?? 1} → ${after.spec?.replicas ?? 1}`,
      ),
  },
  'workloads.restart': {
    payload: ofObject,
    run(payload, context) {
      const annotations = { 'kubectl.kubernetes.io/restartedAt': formatTime(context.clock.now()) };
      const body = { spec: { template: { metadata: { annotations } } } };
      return change(context, payload, 'restart', body, () => payload.object.name);
    },
  },
  'workloads.suspend': {
    payload: ofObject.extend({ suspended: z.boolean() }),
    run: ({ suspended, ...payload }, context) =>
      change(
        context,
        payload,
        suspended ? 'pause' : 'resume',
        { spec: { suspend: suspended } },
        () => payload.object.name,
      ),
  },
  'workloads.trigger': {
    payload: ofObject,
    async run({ clusterId: id, object }, { clusters, changes, clock }) {
      const { client } = clusters.get(id).session;
      const cron = await client.resource(await resourceOf(client, object), object.namespace).get(object.name);
      const draft = jobOfCronJob(cron as unknown as CronJob, clock.now());
      const after = await client.resource<Job>(jobs, object.namespace).create(draft);
      await changes.record(id, { verb: 'create', summary: `Job ${after.metadata.name}`, after });
      return refOf(after);
    },
  },
  'workloads.revisions': {
    payload: ofObject,
    async run({ clusterId: id, object }, context) {
      const { owner, revisions } = await withRevisions(context, id, object);
      return revisionViews(owner, revisions);
    },
  },
  'workloads.compare': {
    payload: ofRevision,
    async run({ clusterId: id, object, revision }, context) {
      const { owner, revisions } = await withRevisions(context, id, object);
      return compareRevision(owner, revisions, revision);
    },
  },
  'workloads.rollback': {
    payload: ofRevision,
    async run({ revision, ...payload }, context) {
      const { owner, revisions } = await withRevisions(context, payload.clusterId, payload.object);
      const template = templateOfRevision(findControllerRevision(owner, revisions, revision));
      const body = { spec: { template: { ...template, $patch: 'replace' } } };
      return change(context, payload, 'rollback', body, () => `→ #${revision}`, 'strategic');
    },
  },
};
