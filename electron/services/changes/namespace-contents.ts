// What a namespace holds that a person would miss: everything that can be made anew and is not made by a controller.
// Guarantees: Secrets are never kept; what the API server makes by itself in every namespace is left out.
import type { Draft, KubernetesObject } from '../../../api/meta/object-meta.ts';
import { isApiError } from '../../../api/meta/status.ts';
import type { Clock } from '../../../machinery/clock.ts';
import type { RestClient } from '../../../machinery/rest-client.ts';
import { ServiceError } from '../errors.ts';
import { discoverKinds } from '../explorer/discovery.ts';
import { resourceOf } from '../resources.ts';
import { authored } from './undo.ts';

const derived = new Set(['Secret', 'Event', 'Lease', 'EndpointSlice', 'Endpoints', 'ControllerRevision', 'PodMetrics']);
const mostObjects = 2000;

function isOwn({ kind, metadata }: KubernetesObject): boolean {
  if (metadata.ownerReferences?.some(({ controller }) => controller)) return false;
  if (kind === 'ConfigMap' && metadata.name === 'kube-root-ca.crt') return false;
  return !(kind === 'ServiceAccount' && metadata.name === 'default');
}

/** The objects as they could be made again. Throws when there are more than can be kept. */
export async function namespaceContents(
  client: RestClient,
  clock: Clock,
  namespace: string,
): Promise<readonly Draft<KubernetesObject>[]> {
  const kinds = (await discoverKinds(client, clock)).filter(
    ({ kind, namespaced, verbs }) =>
      namespaced && verbs.includes('list') && verbs.includes('create') && !derived.has(kind),
  );
  const lists = await Promise.all(
    kinds.map(async ({ apiVersion, kind }) => {
      const resource = await resourceOf(client, { apiVersion, kind });
      return (await client.resource(resource, namespace).list()).items.filter(isOwn).map(authored);
    }),
  );
  const contents = lists.flat();
  if (contents.length > mostObjects) {
    throw new ServiceError(
      'Invalid',
      `${namespace} holds ${contents.length} objects: too many to be kept for an undo.`,
      {
        remedy: 'Delete its workloads first, then the namespace.',
      },
    );
  }
  return contents;
}

/** Makes the objects again; what is there already stays as it is. */
export async function restoreContents(client: RestClient, contents: readonly Draft<KubernetesObject>[]): Promise<void> {
  for (const draft of contents) {
    const resource = await resourceOf(client, { apiVersion: draft.apiVersion ?? '', kind: draft.kind ?? '' });
    try {
      await client.resource(resource, draft.metadata.namespace).create(draft);
    } catch (error) {
      if (!isApiError(error, 'AlreadyExists')) throw error;
    }
  }
}
