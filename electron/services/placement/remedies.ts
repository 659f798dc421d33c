// Does what the scheduler suggests for a waiting pod. Guarantees: what is done is what is suggested at that moment; the
// dry run changes nothing; objects are changed as one recorded write that can be taken back; pods leave by eviction, so
// disruption budgets have the last word.
import { stringify } from 'yaml';
import type { RemedyOutcome } from '../../../api/console/index.ts';
import { nodes, pods, type Node, type Pod } from '../../../api/kinds/core/index.ts';
import { controllerOf, type KubernetesObject } from '../../../api/meta/object-meta.ts';
import type { RestClient } from '../../../machinery/rest-client.ts';
import { authored } from '../changes/undo.ts';
import type { Context } from '../context.ts';
import { ServiceError } from '../errors.ts';
import { resourceOf } from '../resources.ts';
import { suggestedChange } from './placement-reasons.ts';
import { changedPodSpec, nodePatch, type RemedyChange } from './remedy-change.ts';
import { rehearse } from './what-if.ts';

export interface RemedyWish {
  readonly clusterId: string;
  readonly namespace: string;
  readonly name: string;
  readonly kind: string;
  readonly node: string;
  readonly dryRun: boolean;
}

interface Write {
  readonly before: KubernetesObject;
  readonly after: KubernetesObject;
}

interface Templated extends KubernetesObject {
  readonly spec?: { readonly template?: { readonly spec?: Pod['spec'] } };
}

/** The object that makes the pod: the owner of its owner, up to the top. */
async function workloadOf(client: RestClient, pod: KubernetesObject): Promise<Templated | undefined> {
  let found: KubernetesObject | undefined;
  for (let owner = controllerOf(pod); owner !== undefined; owner = controllerOf(found)) {
    const resource = await resourceOf(client, owner);
    found = await client.resource(resource, pod.metadata.namespace).get(owner.name);
  }
  return found;
}

async function changeNode(
  client: RestClient,
  change: RemedyChange & { type: 'node-changed' },
  dryRun: boolean,
): Promise<Write> {
  const objects = client.resource<Node>(nodes);
  const before = await objects.get(change.node);
  return {
    before,
    after: await objects.patch(change.node, { type: 'merge', body: nodePatch(before, change) }, { dryRun }),
  };
}

async function changeWorkload(
  client: RestClient,
  { namespace, name }: RemedyWish,
  change: RemedyChange & { type: 'requests-lowered' | 'skew-raised' },
  dryRun: boolean,
): Promise<Write> {
  const pod = await client.resource<Pod>(pods, namespace).get(name);
  const before = await workloadOf(client, pod);
  const spec = before?.spec?.template?.spec && changedPodSpec(before.spec.template.spec, change);
  if (before === undefined || spec === undefined) {
    throw new ServiceError('NotSupported', `Nothing makes ${name} anew with other settings.`, {
      remedy: 'Change its YAML, or choose another of the suggestions.',
    });
  }
  const objects = client.resource(await resourceOf(client, before), namespace);
  const body = { metadata: { resourceVersion: before.metadata.resourceVersion }, spec: { template: { spec } } };
  return { before, after: await objects.patch(before.metadata.name, { type: 'merge', body }, { dryRun }) };
}

async function evict(client: RestClient, keys: readonly string[], dryRun: boolean): Promise<void> {
  for (const key of keys) {
    const [namespace = '', name = ''] = key.split('/');
    // Said twice, as not every server heeds both places.
    const deleteOptions = dryRun ? { dryRun: ['All'] } : undefined;
    const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { namespace, name }, deleteOptions };
    await client.resource<Pod>(pods, namespace).subresource(name, 'eviction', body, { dryRun });
  }
}

const yamlOf = (object: KubernetesObject): string => stringify(authored(object), { lineWidth: 0 });

/** Tries or does it. Throws ServiceError `Conflict` when it is no longer suggested. */
export async function applyRemedy(context: Context, wish: RemedyWish): Promise<RemedyOutcome> {
  const { clusterId, namespace, name, kind, node, dryRun } = wish;
  const { client } = context.clusters.get(clusterId).session;
  const change = await suggestedChange(client, wish, wish);
  if (change === undefined) throw new ServiceError('Conflict', `This is no longer what would help ${name}.`);
  const rehearsal = await rehearse(client, [{ type: 'remedy-applied', namespace, name, kind, node }]);
  if (change.type === 'pods-moved') {
    await evict(client, change.pods, dryRun);
    return { rehearsal, evicted: change.pods };
  }
  if (change.type !== 'node-changed' && change.type !== 'requests-lowered' && change.type !== 'skew-raised') {
    throw new ServiceError('NotSupported', 'The console cannot do this by itself.');
  }
  const { before, after } =
    change.type === 'node-changed'
      ? await changeNode(client, change, dryRun)
      : await changeWorkload(client, wish, change, dryRun);
  const { apiVersion, kind: changedKind, metadata } = after;
  if (!dryRun)
    await context.changes.record(clusterId, {
      verb: 'remedy',
      summary: `${changedKind} ${metadata.name}`,
      before,
      after,
    });
  return {
    rehearsal,
    object: { apiVersion, kind: changedKind, namespace: metadata.namespace, name: metadata.name },
    before: yamlOf(before),
    after: yamlOf(after),
    evicted: [],
  };
}
