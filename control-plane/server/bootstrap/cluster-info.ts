// kube-public/cluster-info: where the cluster is and which authority its servers show, for those who hold a bootstrap
// token; the leaders sign it (controllers/bootstrap-tokens). Made when it is missing; afterwards only the authority
// is kept in step, because the address is the administrator's to choose (a balancer in front of several servers).
import { parse, stringify } from 'yaml';
import { configMaps } from '../../../api/kinds/core/index.ts';
import { isStoreError } from '../../store/errors.ts';
import type { ServerParts } from '../parts.ts';
import { storageKey } from '../registry/reader.ts';
import type { ResourceDefinition } from '../served/definition.ts';
import { createUnlessThere } from './create-unless-there.ts';

const namespace = 'kube-public';
const name = 'cluster-info';
const authorityField = 'certificate-authority-data';

interface Kubeconfig {
  readonly clusters?: readonly { readonly name: string; readonly cluster: Readonly<Record<string, unknown>> }[];
}

/** Creates the ConfigMap, or brings its authority in step. `ca` is PEM. */
export async function publishClusterInfo(
  parts: ServerParts,
  { url, ca }: { readonly url: string; readonly ca: string },
): Promise<void> {
  const authority = Buffer.from(ca).toString('base64');
  const definition = configMaps as ResourceDefinition;
  const stored =
    (await parts.store.get(storageKey(definition, namespace, name), { consistency: 'cache' })) ??
    (await createUnlessThere(parts, definition, namespace, name, {
      metadata: {},
      data: { kubeconfig: kubeconfigOf(url, authority) },
    }));
  if (stored === undefined) return;
  const object = stored.parse() as unknown as { data?: Record<string, string> };
  const kubeconfig = withAuthority(object.data?.['kubeconfig'], authority) ?? kubeconfigOf(url, authority);
  if (kubeconfig === object.data?.['kubeconfig']) return;
  const next = { ...stored.parse(), data: { ...object.data, kubeconfig } };
  await parts.store.update(stored.key, next, stored.revision).catch((error: unknown) => {
    if (!isStoreError(error, 'Conflict') && !isStoreError(error, 'NotFound')) throw error;
  });
}

function kubeconfigOf(server: string, authority: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: '', cluster: { [authorityField]: authority, server } }],
    contexts: null,
    'current-context': '',
    preferences: {},
    users: null,
  });
}

/** The same text where it has this authority already; undefined where it is none that can be read. */
function withAuthority(text: string | undefined, authority: string): string | undefined {
  let config: Kubeconfig;
  try {
    config = parse(text ?? '') as Kubeconfig;
  } catch {
    return undefined;
  }
  const [first] = config?.clusters ?? [];
  if (typeof first?.cluster !== 'object') return undefined;
  if (first.cluster[authorityField] === authority) return text;
  return stringify({
    ...config,
    clusters: [{ ...first, cluster: { ...first.cluster, [authorityField]: authority } }],
  });
}
