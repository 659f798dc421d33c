// What must be there before a cluster's users can do anything: the first namespaces, roles and bindings.
// Idempotent and safe beside other servers: creates what is missing, completes what an upgrade added, removes nothing.
import { namespaces } from '../../../api/kinds/core/index.ts';
import { serviceCidrs } from '../../../api/kinds/networking/index.ts';
import { clusterRoleBindings, clusterRoles, roleBindings, roles } from '../../../api/kinds/rbac/index.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { isStoreError } from '../../store/errors.ts';
import type { ServerParts } from '../parts.ts';
import { storageKey } from '../registry/reader.ts';
import type { ResourceDefinition } from '../served/definition.ts';
import { createUnlessThere } from './create-unless-there.ts';
import { complete, wantedBindings, wantedRoles, type Wanted } from './rbac-objects.ts';

const firstNamespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

/** Brings the bootstrap objects about. `serviceCidr` is the range that services get their addresses from. */
export async function bootstrap(parts: ServerParts, serviceCidr: string): Promise<void> {
  await Promise.all([
    ...firstNamespaces.map((name) => ensureNamespace(parts, name)),
    ensureServiceCidr(parts, serviceCidr),
  ]);
  const ensure = async (
    global: ResourceDefinition,
    local: ResourceDefinition,
    wanted: readonly Wanted[],
  ): Promise<void> => {
    await Promise.all(wanted.map((one) => ensureComplete(parts, one.namespace === '' ? global : local, one)));
  };
  await ensure(clusterRoles as ResourceDefinition, roles as ResourceDefinition, wantedRoles());
  await ensure(clusterRoleBindings as ResourceDefinition, roleBindings as ResourceDefinition, wantedBindings());
}

async function ensureNamespace(parts: ServerParts, name: string): Promise<void> {
  const definition = namespaces as ResourceDefinition;
  if ((await parts.store.get(storageKey(definition, '', name), { consistency: 'cache' })) !== undefined) return;
  const body = {
    metadata: { labels: { 'kubernetes.io/metadata.name': name } },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  };
  await createUnlessThere(parts, definition, '', name, body);
}

/** The default range as an object; a cluster keeps the one that it began with. */
async function ensureServiceCidr(parts: ServerParts, cidr: string): Promise<void> {
  const definition = serviceCidrs as ResourceDefinition;
  const name = 'kubernetes';
  if ((await parts.store.get(storageKey(definition, '', name), { consistency: 'cache' })) !== undefined) return;
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: '',
    message: 'Kubernetes default Service CIDR is ready',
    lastTransitionTime: formatTime(parts.clock.now()),
  };
  const body = {
    metadata: { finalizers: ['networking.k8s.io/service-cidr-finalizer'], generation: 1 },
    spec: { cidrs: [cidr] },
    status: { conditions: [ready] },
  };
  await createUnlessThere(parts, definition, '', name, body);
}

async function ensureComplete(
  parts: ServerParts,
  definition: ResourceDefinition,
  { namespace, name, body }: Wanted,
): Promise<void> {
  const key = storageKey(definition, namespace, name);
  const cached = await parts.store.get(key, { consistency: 'cache' });
  const stored = cached ?? (await createUnlessThere(parts, definition, namespace, name, body));
  if (stored === undefined) return;
  const object = stored.parse();
  if (!complete(object, body)) return;
  await parts.store.update(key, object, stored.revision).catch(ignoreConflict);
}

/** Another server completed the object at the same moment. */
function ignoreConflict(error: unknown): undefined {
  if (isStoreError(error, 'Conflict') || isStoreError(error, 'NotFound')) return undefined;
  throw error;
}
