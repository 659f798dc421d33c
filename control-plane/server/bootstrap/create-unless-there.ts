// Creates an object of the system's own unless it is there: safe beside other servers that do the same.
import { randomUUID } from 'node:crypto';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { applyDefaults } from '../../../api/schema/defaults.ts';
import type { StoredObject } from '../../store/contract.ts';
import { isStoreError } from '../../store/errors.ts';
import type { ServerParts } from '../parts.ts';
import { storageKey } from '../registry/reader.ts';
import type { ResourceDefinition } from '../served/definition.ts';
import { apiVersionOf } from '../served/served-resources.ts';

/** Creates; answers the object that somebody else had created first. */
export async function createUnlessThere<B extends { readonly metadata: object }>(
  parts: ServerParts,
  definition: ResourceDefinition,
  namespace: string,
  name: string,
  body: B,
): Promise<StoredObject | undefined> {
  const object = {
    apiVersion: apiVersionOf(definition),
    kind: definition.kind,
    ...body,
    metadata: {
      name,
      ...(definition.namespaced ? { namespace } : {}),
      uid: randomUUID(),
      resourceVersion: '',
      creationTimestamp: formatTime(parts.clock.now()),
      ...body.metadata,
    },
  } satisfies KubernetesObject;
  applyDefaults(definition.schema, object);
  try {
    await parts.store.create(storageKey(definition, namespace, name), object);
    return undefined;
  } catch (error) {
    if (isStoreError(error, 'AlreadyExists')) return error.current;
    throw error;
  }
}
