// Empties a namespace, pods first, and says what is still in it.
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import type { DiscoveredResource } from '../../../machinery/discovery.ts';
import type { RestClient } from '../../../machinery/rest-client.ts';
import { isApiError } from '../../../api/meta/status.ts';

export interface Remaining {
  /** Objects left, by resource such as `pods.` or `deployments.apps`. */
  objects: Map<string, number>;
  /** Objects that each finalizer holds. */
  finalizers: Map<string, number>;
  failures: string[];
}

/** Deletes one round of everything in the namespace; nothing but pods while pods are left. */
export async function emptyNamespace(
  client: RestClient,
  namespace: string,
  resources: readonly DiscoveredResource[],
  signal: AbortSignal,
): Promise<Remaining> {
  const remaining: Remaining = { objects: new Map(), finalizers: new Map(), failures: [] };
  const isPods = ({ group, plural }: DiscoveredResource): boolean => group === '' && plural === 'pods';
  const inNamespace = resources.filter(
    ({ namespaced, verbs }) => namespaced && verbs.includes('delete') && verbs.includes('list'),
  );
  for (const round of [inNamespace.filter(isPods), inNamespace.filter((one) => !isPods(one))]) {
    await Promise.all(round.map((resource) => emptyResource(client, namespace, resource, remaining, signal)));
    if (remaining.objects.size > 0) break;
  }
  return remaining;
}

async function emptyResource(
  client: RestClient,
  namespace: string,
  resource: DiscoveredResource,
  remaining: Remaining,
  signal: AbortSignal,
): Promise<void> {
  const api = client.resource<KubernetesObject>(resource, namespace);
  const id = `${resource.plural}.${resource.group}`;
  try {
    const { items } = await api.list({ signal });
    if (items.length === 0) return;
    if (resource.verbs.includes('deletecollection'))
      await api.deleteCollection({ propagationPolicy: 'Background', signal });
    else for (const { metadata } of items) await api.delete(metadata.name, { propagationPolicy: 'Background', signal });
    const left = (await api.list({ signal })).items;
    if (left.length > 0) remaining.objects.set(id, left.length);
    for (const finalizer of left.flatMap(({ metadata }) => metadata.finalizers ?? [])) {
      remaining.finalizers.set(finalizer, (remaining.finalizers.get(finalizer) ?? 0) + 1);
    }
  } catch (error) {
    if (signal.aborted || isApiError(error, 'NotFound') || isApiError(error, 'MethodNotAllowed')) return;
    remaining.failures.push(`${id}: ${(error as Error).message}`);
  }
}
