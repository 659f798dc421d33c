// What a fresh cluster holds before anybody asked for anything. Idempotent: runs at every start of every server.
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { namespaces } from '../../../api/kinds/core/index.ts';
import { isStoreError } from '../../store/errors.ts';
import type { ApiServerOptions } from '../options.ts';
import type { ServerParts } from '../parts.ts';
import { storageKey } from '../registry/reader.ts';
import type { ResourceDefinition } from '../served/definition.ts';
import { apiVersionOf } from '../served/served-resources.ts';
import { applyDefaults } from '../../../api/schema/defaults.ts';
import { randomUUID } from 'node:crypto';

/** Creates what is missing. */
export async function bootstrap(parts: ServerParts, _options: ApiServerOptions): Promise<void> {
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) {
    await ensureObject(parts, namespaces, '', name, { metadata: { labels: { 'kubernetes.io/metadata.name': name } }, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } });
  }
}

/** Creates an object unless it is there. */
export async function ensureObject(parts: ServerParts, definition: ResourceDefinition, namespace: string, name: string, body: { readonly metadata?: object; readonly [field: string]: unknown }): Promise<void> {
  const object = {
    apiVersion: apiVersionOf(definition),
    kind: definition.kind,
    ...body,
    metadata: { name, ...(definition.namespaced ? { namespace } : {}), uid: randomUUID(), resourceVersion: '', creationTimestamp: formatTime(parts.clock.now()), ...body.metadata },
  } satisfies KubernetesObject;
  applyDefaults(definition.schema, object);
  try {
    await parts.store.create(storageKey(definition, namespace, name), object);
  } catch (error) {
    if (!isStoreError(error, 'AlreadyExists')) throw error;
  }
}
