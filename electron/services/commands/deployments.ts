// Commands on Deployments. Each is one write to the API server, recorded so that it can be taken back.
import { z } from 'zod';
import { stringify } from 'yaml';
import { deployments, replicaSets, type Deployment, type ReplicaSet } from '../../../api/kinds/apps/index.ts';
import { services, type Service } from '../../../api/kinds/core/index.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { changeObject, deleteObject, type Target } from '../changes/recorded.ts';
import { authored } from '../changes/undo.ts';
import type { Context } from '../context.ts';
import { ServiceError } from '../errors.ts';
import { revisionOf } from '../projections/deployment.ts';
import { deploymentOf, serviceOf } from './deployment-form.ts';
import { findRevision, rollbackPatch, templateOf } from './rollback.ts';
import { variablesPatch } from './set-variables.ts';
import { clusterId, named, objectName, type CommandsOf } from './table.ts';

type Named = z.infer<typeof named>;

const quantity = z.string().max(40).optional();
const port = z.number().int().min(1).max(65_535);
const mostReplicas = 100_000;
const variable = z.strictObject({ name: z.string().min(1).max(500), value: z.string().max(100_000) });
const form = z.strictObject({
  namespace: objectName,
  name: objectName,
  image: z.string().min(1).max(1000),
  replicas: z.number().int().min(0).max(mostReplicas),
  containerPort: port.optional(),
  command: z.array(z.string().max(10_000)).max(200).optional(),
  environment: z.array(variable).max(500).optional(),
  cpuRequest: quantity,
  memoryRequest: quantity,
  cpuLimit: quantity,
  memoryLimit: quantity,
  expose: z.strictObject({ type: z.enum(['ClusterIP', 'NodePort']), port }).optional(),
  isPacked: z.boolean().optional(),
});
const withForm = z.strictObject({ clusterId, form });

const targetOf = (payload: Named): Target<Deployment> => ({ ...payload, resource: deployments });

async function patch(
  payload: Named,
  context: Context,
  verb: string,
  body: unknown,
  summary: (before: Deployment, after: Deployment) => string,
): Promise<Record<string, never>> {
  const { namespace, name, clusterId: id } = payload;
  const target = targetOf({ namespace, name, clusterId: id });
  await changeObject(context, target, verb, summary, (objects) => objects.patch(name, { type: 'strategic', body }));
  return {};
}

async function replicaSetsOf({ clusterId: id, namespace }: Named, { clusters }: Context): Promise<ReplicaSet[]> {
  return (await clusters.get(id).session.client.resource<ReplicaSet>(replicaSets, namespace).list()).items;
}

function documents(objects: readonly unknown[]): string {
  return objects.map((object) => stringify(object, { lineWidth: 0 })).join('---\n');
}

export const deploymentCommands: CommandsOf<'deployments'> = {
  'deployments.create': {
    payload: withForm,
    async run({ clusterId: id, form: wanted }, { clusters, changes }) {
      const { client } = clusters.get(id).session;
      const service = serviceOf(wanted);
      // The Service is tried first without effect, so that a refused one does not leave half of what was asked.
      const expose = client.resource<Service>(services, wanted.namespace);
      if (service !== undefined) await expose.create(service, { dryRun: true });
      const after = await client.resource<Deployment>(deployments, wanted.namespace).create(deploymentOf(wanted));
      await changes.record(id, { verb: 'create', summary: `Deployment ${wanted.name}`, after });
      if (service !== undefined) {
        await changes.record(id, {
          verb: 'create',
          summary: `Service ${wanted.name}`,
          after: await expose.create(service),
        });
      }
      return { apiVersion: 'apps/v1', kind: 'Deployment', namespace: wanted.namespace, name: wanted.name };
    },
  },
  'deployments.preview': {
    payload: withForm,
    async run({ clusterId: id, form: wanted }, { clusters }) {
      const { client } = clusters.get(id).session;
      const service = serviceOf(wanted);
      const checked = [
        await client.resource<Deployment>(deployments, wanted.namespace).create(deploymentOf(wanted), { dryRun: true }),
        ...(service === undefined
          ? []
          : [await client.resource<Service>(services, wanted.namespace).create(service, { dryRun: true })]),
      ];
      return { yaml: documents(checked.map(authored)) };
    },
  },
  'deployments.scale': {
    payload: named.extend({ replicas: z.number().int().min(0).max(mostReplicas) }),
    run: (payload, context) =>
      patch(
        payload,
        context,
        'scale',
        { spec: { replicas: payload.replicas } },
        (before, after) => `${before.spec.replicas ?? 1} → ${after.spec.replicas ?? 1}`,
      ),
  },
  'deployments.restart': {
    payload: named,
    run(payload, context) {
      const annotations = { 'kubectl.kubernetes.io/restartedAt': formatTime(context.clock.now()) };
      return patch(
        payload,
        context,
        'restart',
        { spec: { template: { metadata: { annotations } } } },
        () => payload.name,
      );
    },
  },
  'deployments.pause': {
    payload: named.extend({ paused: z.boolean() }),
    run: (payload, context) =>
      patch(
        payload,
        context,
        payload.paused ? 'pause' : 'resume',
        { spec: { paused: payload.paused } },
        () => payload.name,
      ),
  },
  'deployments.setImage': {
    payload: named.extend({ container: objectName, image: z.string().min(1).max(1000) }),
    run: ({ container, image, ...payload }, context) =>
      patch(
        payload,
        context,
        'setImage',
        { spec: { template: { spec: { containers: [{ name: container, image }] } } } },
        (before) =>
          `${before.spec.template.spec?.containers.find(({ name }) => name === container)?.image ?? ''} → ${image}`,
      ),
  },
  'deployments.setVariables': {
    payload: named.extend({
      container: objectName,
      variables: z.array(variable).max(500),
    }),
    async run({ container, variables, ...payload }, context) {
      const { client } = context.clusters.get(payload.clusterId).session;
      const found = await client.resource<Deployment>(deployments, payload.namespace).get(payload.name);
      const own = found.spec.template.spec?.containers.find(({ name }) => name === container);
      if (own === undefined) throw new ServiceError('NotFound', `${payload.name} has no container ${container}.`);
      const env = variablesPatch(own, variables);
      if (env.length === 0) return {};
      const body = {
        metadata: { resourceVersion: found.metadata.resourceVersion },
        spec: { template: { spec: { containers: [{ name: container, env }] } } },
      };
      return patch(payload, context, 'setVariables', body, () => env.map(({ name }) => name).join(', '));
    },
  },
  'deployments.compare': {
    payload: named.extend({ revision: z.number().int().min(0) }),
    async run(payload, context) {
      const { client } = context.clusters.get(payload.clusterId).session;
      const deployment = await client.resource<Deployment>(deployments, payload.namespace).get(payload.name);
      const wanted = findRevision(deployment, await replicaSetsOf(payload, context), payload.revision);
      return {
        from: { revision: revisionOf(deployment), yaml: documents([deployment.spec.template]) },
        to: { revision: payload.revision, yaml: documents([templateOf(wanted)]) },
      };
    },
  },
  'deployments.rollback': {
    payload: named.extend({ revision: z.number().int().min(0) }),
    async run({ revision, ...payload }, context) {
      const sets = await replicaSetsOf(payload, context);
      await changeObject(
        context,
        targetOf(payload),
        'rollback',
        (before) => `#${revisionOf(before)} → #${revision}`,
        (objects, before) => objects.patch(payload.name, { type: 'json', body: rollbackPatch(before, sets, revision) }),
      );
      return {};
    },
  },
  'deployments.delete': {
    payload: named,
    async run(payload, context) {
      await deleteObject(context, targetOf(payload));
      return {};
    },
  },
};
