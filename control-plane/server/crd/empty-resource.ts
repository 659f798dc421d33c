// Deletes every object of a custom resource whose definition is going away.
import { isApiError } from '../../../api/meta/status.ts';
import type { ServerParts } from '../parts.ts';
import type { DeleteOptions } from '../registry/delete-options.ts';
import { deleteObject } from '../registry/delete.ts';
import { ownWrite } from '../registry/resource-request.ts';
import type { CustomDefinition } from './custom-definition.ts';

const inFlight = 32;
const options: DeleteOptions = {
  dryRun: false,
  gracePeriodSeconds: undefined,
  propagationPolicy: undefined,
  uid: undefined,
  resourceVersion: undefined,
};

/** Deletes what is there and answers how many objects are left, held by finalizers. */
export async function emptyResource(parts: ServerParts, definition: CustomDefinition): Promise<number> {
  const { items } = await parts.store.list(definition.storagePrefix);
  const pending = [...items];
  let left = 0;
  const worker = async (): Promise<void> => {
    for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
      const { name, namespace = '' } = item.peek().metadata;
      try {
        const { isGone } = await deleteObject(parts, ownWrite(definition, namespace, name), name, options, item);
        if (!isGone) left++;
      } catch (error) {
        if (!isApiError(error, 'NotFound')) throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(inFlight, pending.length) }, worker));
  return left;
}
