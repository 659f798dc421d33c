// Finds how a kind is addressed: from the house's own catalogue, or by asking the cluster (custom resources).
import type { ObjectRef } from '../../api/console/index.ts';
import { findKind } from '../../api/kinds/catalogue.ts';
import type { KubernetesObject } from '../../api/meta/object-meta.ts';
import type { ResourceRef, RestClient } from '../../machinery/rest-client.ts';
import { ServiceError } from './errors.ts';

interface ResourceList {
  readonly resources?: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[];
}

/** The resource of an object's kind, or a ServiceError when the cluster does not serve it. */
export async function resourceOf(
  client: RestClient,
  { apiVersion, kind }: Pick<ObjectRef, 'apiVersion' | 'kind'>,
): Promise<ResourceRef<KubernetesObject>> {
  const known = findKind(apiVersion, kind);
  if (known !== undefined) return known;
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/', 2) : ['', apiVersion];
  const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const response = await client.request({ method: 'GET', path });
  const list = response.status === 200 ? (JSON.parse(await response.text()) as ResourceList) : undefined;
  const found = list?.resources?.find((one) => one.kind === kind && !one.name.includes('/'));
  if (found === undefined)
    throw new ServiceError('NotSupported', `This cluster does not serve ${kind} of ${apiVersion}.`);
  return { group: group ?? '', version: version ?? '', kind, plural: found.name, namespaced: found.namespaced };
}
