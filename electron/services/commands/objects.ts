// Commands on machines, pods and any object as YAML, and on the list of changes.
import { z } from 'zod';
import { parseAllDocuments } from 'yaml';
import type { ApplyOutcome, RunSummary } from '../../../api/console/index.ts';
import { nodes, pods, type Node, type Pod } from '../../../api/kinds/core/index.ts';
import type { Draft, KubernetesObject } from '../../../api/meta/object-meta.ts';
import { isApiError } from '../../../api/meta/status.ts';
import type { RestClient } from '../../../machinery/rest-client.ts';
import { changeObject, deleteObject } from '../changes/recorded.ts';
import { authored, undoChange } from '../changes/undo.ts';
import type { Change } from '../changes/change-log.ts';
import { restoreContents } from '../changes/namespace-contents.ts';
import { carriesMask, maskSecret } from '../configuration/secret-mask.ts';
import type { Context } from '../context.ts';
import { ServiceError } from '../errors.ts';
import { resourceOf } from '../resources.ts';
import { lastWords } from './last-words.ts';
import { longestYaml, shownYaml, yamlOf } from './shown-yaml.ts';
import { placementReasons } from '../placement/placement-reasons.ts';
import { applyRemedy } from '../placement/remedies.ts';
import { clusterId, named, objectName, objectRef, type CommandsOf } from './table.ts';

function readDocuments(yaml: string): Draft<KubernetesObject>[] {
  return parseAllDocuments(yaml).flatMap((document) => {
    const [problem] = document.errors;
    if (problem !== undefined) throw new ServiceError('BadRequest', problem.message);
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    if (value === null || value === undefined) return [];
    const shape = z.object({
      apiVersion: z.string(),
      kind: z.string(),
      metadata: z.object({ name: objectName }).loose(),
    });
    if (!shape.safeParse(value).success) {
      throw new ServiceError('BadRequest', 'Each document needs apiVersion, kind and metadata.name.');
    }
    if (carriesMask(value)) {
      throw new ServiceError('Invalid', 'The values of this Secret are hidden, so it cannot be applied as it stands.', {
        remedy: 'Show the values first, then edit.',
      });
    }
    return [value as Draft<KubernetesObject>];
  });
}

async function applyOne(
  client: RestClient,
  draft: Draft<KubernetesObject>,
  dryRun: boolean,
): Promise<{ before?: KubernetesObject; after: KubernetesObject }> {
  const resource = await resourceOf(client, { apiVersion: draft.apiVersion ?? '', kind: draft.kind ?? '' });
  const namespace = resource.namespaced ? (draft.metadata.namespace ?? 'default') : undefined;
  const objects = client.resource(resource, namespace);
  const name = draft.metadata.name ?? '';
  const before = await objects.get(name).catch((error: unknown) => {
    if (isApiError(error, 'NotFound')) return undefined;
    throw error;
  });
  if (before === undefined) return { after: await objects.create(draft, { dryRun }) };
  // Without a resourceVersion of its own the document replaces what is there now; with one, a conflict is an answer.
  const resourceVersion = draft.metadata.resourceVersion ?? before.metadata.resourceVersion;
  const next = { ...draft, metadata: { ...draft.metadata, resourceVersion } } as unknown as KubernetesObject;
  return { before, after: await objects.update(next, { dryRun }) };
}

function outcomeOf(before: KubernetesObject | undefined, after: KubernetesObject): ApplyOutcome {
  const { apiVersion, kind, metadata } = after;
  const [old, next] = [before && yamlOf(authored(before)), yamlOf(authored(after))];
  return {
    object: { apiVersion, kind, namespace: metadata.namespace, name: metadata.name },
    action: old === undefined ? 'created' : old === next ? 'unchanged' : 'changed',
    before: old,
    after: next,
  };
}

async function changeById(context: Context, id: string, changeId: string): Promise<Change> {
  const change = await context.changes.get(id, changeId);
  if (change === undefined) throw new ServiceError('NotFound', 'This change is no longer kept.');
  return change;
}

/** One side of a diff; a namespace that goes or comes back has its contents behind it. */
function side(object: KubernetesObject | undefined, contents: Change['contents'] = []): string | undefined {
  return object && [authored(object), ...contents].map(yamlOf).join('---\n');
}
const byChange = z.strictObject({ clusterId, id: z.uuid() });

const labelName = z.string().min(1).max(317);
const marks = z.strictObject({
  labels: z.record(labelName, z.string().max(63).nullable()),
  taints: z
    .array(z.strictObject({ key: labelName, value: z.string().max(63).optional(), effect: z.string().min(1).max(40) }))
    .max(100),
});

/** Keeps changed labels in the cluster's description, so that a node that registers anew has them again. */
async function keepLabels(
  { runs }: Context,
  id: string,
  name: string,
  labels: Readonly<Record<string, string | null>>,
): Promise<RunSummary | undefined> {
  if (Object.keys(labels).length === 0) return undefined;
  const isBuilt = await runs.specOf(id).then(
    (spec) => spec.machines.some((machine) => machine.name === name),
    () => false, // a cluster that was not built here keeps them in its API alone
  );
  if (!isBuilt) return undefined;
  const wanted = Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, value ?? undefined]));
  return runs.task(id, 'label', async (spec, options) => {
    const { labelMachine } = await import('../../../provisioning/index.ts');
    await labelMachine(spec, name, wanted, options);
    return { ok: true };
  });
}

export const nodeCommands: CommandsOf<'nodes'> = {
  'nodes.mark': {
    payload: z.strictObject({ clusterId, name: objectName, marks }),
    async run({ clusterId: id, name, marks: { labels, taints } }, context) {
      await changeObject<Node>(
        context,
        { clusterId: id, resource: nodes, name },
        'mark',
        () => name,
        (objects, { metadata: { resourceVersion } }) =>
          objects.patch(name, {
            type: 'merge',
            body: { metadata: { resourceVersion, labels }, spec: { taints: taints.length > 0 ? taints : null } },
          }),
      );
      return { run: await keepLabels(context, id, name, labels) };
    },
  },
  'nodes.cordon': {
    payload: z.strictObject({ clusterId, name: objectName, cordoned: z.boolean() }),
    async run({ clusterId: id, name, cordoned }, context) {
      await changeObject<Node>(
        context,
        { clusterId: id, resource: nodes, name },
        cordoned ? 'cordon' : 'uncordon',
        () => name,
        (objects) => objects.patch(name, { type: 'merge', body: { spec: { unschedulable: cordoned || null } } }),
      );
      return {};
    },
  },
};

export const podCommands: CommandsOf<'pods'> = {
  'pods.placement': {
    payload: named,
    run: ({ clusterId: id, namespace, name }, { clusters }) =>
      placementReasons(clusters.get(id).session.client, namespace, name),
  },
  'pods.lastWords': {
    payload: named.extend({ container: objectName }),
    run: ({ clusterId: id, ...of }, { clusters }) => lastWords(clusters.get(id).session, of),
  },
  'pods.remedy': {
    payload: named.extend({ kind: z.string().min(1).max(100), node: objectName, dryRun: z.boolean() }),
    run: (payload, context) => applyRemedy(context, payload),
  },
  'pods.delete': {
    payload: named.extend({ graceSeconds: z.number().int().min(0).max(86_400).optional() }),
    async run({ graceSeconds, ...payload }, context) {
      await deleteObject<Pod>(context, { ...payload, resource: pods }, graceSeconds);
      return {};
    },
  },
};

export const yamlCommands: CommandsOf<'yaml'> = {
  'yaml.get': {
    payload: z.strictObject({ clusterId, object: objectRef, reveal: z.boolean().optional() }),
    async run({ clusterId: id, object, reveal }, { clusters }) {
      const { client } = clusters.get(id).session;
      const found = await client.resource(await resourceOf(client, object), object.namespace).get(object.name);
      delete found.metadata.managedFields;
      const shown = reveal ? found : maskSecret(found);
      return { ...shownYaml(shown), hidden: shown !== found };
    },
  },
  'yaml.apply': {
    payload: z.strictObject({ clusterId, yaml: z.string().max(longestYaml), dryRun: z.boolean() }),
    async run({ clusterId: id, yaml, dryRun }, { clusters, changes }) {
      const { client } = clusters.get(id).session;
      const outcomes: ApplyOutcome[] = [];
      for (const draft of readDocuments(yaml)) {
        const { before, after } = await applyOne(client, draft, dryRun);
        const outcome = outcomeOf(before, after);
        outcomes.push(outcome);
        if (dryRun || outcome.action === 'unchanged') continue;
        await changes.record(id, { verb: 'apply', summary: `${after.kind} ${after.metadata.name}`, before, after });
      }
      return outcomes;
    },
  },
  'yaml.delete': {
    payload: z.strictObject({ clusterId, object: objectRef }),
    async run({ clusterId: id, object }, context) {
      const resource = await resourceOf(context.clusters.get(id).session.client, object);
      await deleteObject(context, { clusterId: id, resource, namespace: object.namespace, name: object.name });
      return {};
    },
  },
};

export const changeCommands: CommandsOf<'changes'> = {
  'changes.diff': {
    payload: byChange,
    async run(payload, context) {
      const { before, after, contents } = await changeById(context, payload.clusterId, payload.id);
      return { before: side(before, contents), after: side(after) };
    },
  },
  'changes.preview': {
    payload: byChange,
    async run(payload, context) {
      const change = await changeById(context, payload.clusterId, payload.id);
      const { before, after } = await undoChange(context.clusters.get(payload.clusterId).session.client, change, true);
      return { before: side(before), after: side(after, change.contents) };
    },
  },
  'changes.undo': {
    payload: byChange,
    async run(payload, context) {
      const change = await changeById(context, payload.clusterId, payload.id);
      const { client } = context.clusters.get(payload.clusterId).session;
      const { before, after } = await undoChange(client, change, false);
      if (change.contents !== undefined) await restoreContents(client, change.contents);
      const summary = `${change.verb} · ${change.summary}`;
      await context.changes.record(payload.clusterId, { verb: 'undo', summary, before, after, undoes: change.id });
      return {};
    },
  },
};
