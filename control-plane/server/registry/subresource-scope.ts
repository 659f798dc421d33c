// What a write through a subresource may touch: everything outside is restored from the stored object.
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import type { ResourceDefinition } from '../served/definition.ts';

type Loose = Record<string, unknown>;

/** Restores, in `next`, what the subresource does not own; then lets the kind's own rules have their say. */
export function restoreForSubresource(
  definition: ResourceDefinition,
  next: KubernetesObject,
  previous: Readonly<KubernetesObject>,
  subresource: string,
): void {
  if (subresource === 'status') {
    restoreAllBut(next, previous, 'status');
    definition.prepareForStatusUpdate?.(next, previous);
    return;
  }
  if (subresource === '') {
    if ('status' in definition.subresources) restore(next, previous, 'status');
    definition.prepareForUpdate?.(next, previous);
  }
}

function restore(next: KubernetesObject, previous: Readonly<KubernetesObject>, field: string): void {
  const to = next as unknown as Loose;
  const from = previous as unknown as Loose;
  if (from[field] === undefined) delete to[field];
  else to[field] = structuredClone(from[field]);
}

/** Metadata stays the writer's: labels, annotations and finalizers may change with the status. */
function restoreAllBut(next: KubernetesObject, previous: Readonly<KubernetesObject>, field: string): void {
  for (const key of new Set([...Object.keys(next), ...Object.keys(previous)])) {
    if (key === field || key === 'metadata' || key === 'apiVersion' || key === 'kind') continue;
    restore(next, previous, key);
  }
  restoreOwners(next, previous);
}

function restoreOwners(next: KubernetesObject, previous: Readonly<KubernetesObject>): void {
  if (previous.metadata.ownerReferences === undefined) delete next.metadata.ownerReferences;
  else next.metadata.ownerReferences = structuredClone(previous.metadata.ownerReferences);
}
