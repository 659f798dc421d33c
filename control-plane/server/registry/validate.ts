// Everything that must hold of an object before it is stored: schema, metadata, the kind's own rules. 422 lists all faults.
import { validateObjectMetaUpdate } from '../../../api/kinds/meta/object-meta-rules.ts';
import { invalid } from '../../../api/meta/status.ts';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import type { FieldError } from '../../../api/schema/field-error.ts';
import { validateStructure } from '../../../api/schema/validate.ts';
import type { ResourceDefinition } from '../served/definition.ts';

/** Checks a new object. */
export function validateCreate(definition: ResourceDefinition, object: KubernetesObject): void {
  refuse(definition, object, [
    ...validateStructure(definition.schema, object),
    ...(definition.validate?.(object) ?? []),
  ]);
}

/**
 * Checks an update by the rules of the part that it writes: the whole object (''), `status`, or what the server itself
 * sets through other subresources, which answer for their own content.
 */
export function validateUpdate(
  definition: ResourceDefinition,
  next: KubernetesObject,
  previous: KubernetesObject,
  subresource: string,
): void {
  const faults = validateStructure(definition.schema, next);
  if (subresource === '' || subresource === 'scale')
    faults.push(...(definition.validate?.(next) ?? []), ...(definition.validateUpdate?.(next, previous) ?? []));
  else {
    faults.push(...validateObjectMetaUpdate(next.metadata, previous.metadata));
    if (subresource === 'status') faults.push(...(definition.validateStatusUpdate?.(next, previous) ?? []));
  }
  refuse(definition, next, faults);
}

function refuse(definition: ResourceDefinition, object: KubernetesObject, faults: readonly FieldError[]): void {
  if (faults.length === 0) return;
  const kind = definition.group === '' ? definition.kind : `${definition.kind}.${definition.group}`;
  throw invalid(kind, object.metadata.name || object.metadata.generateName || '', faults);
}
