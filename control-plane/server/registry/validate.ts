// Everything that must hold of an object before it is stored: metadata, schema, the kind's own rules. 422 lists all faults.
import { invalid } from '../../../api/meta/status.ts';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import type { FieldError } from '../../../api/schema/field-error.ts';
import { validateStructure } from '../../../api/schema/validate.ts';
import type { ResourceDefinition } from '../served/definition.ts';
import { validateMetadata, validateMetadataUpdate } from './validate-metadata.ts';

/** Checks a new object. */
export function validateCreate(definition: ResourceDefinition, object: KubernetesObject): void {
  const faults = validateMetadata(definition, object.metadata);
  faults.push(...validateStructure(definition.schema, object));
  if (faults.length === 0) faults.push(...(definition.validate?.(object) ?? []));
  refuse(definition, object, faults);
}

/** Checks an update; `subresource` chooses the status rules. */
export function validateUpdate(definition: ResourceDefinition, next: KubernetesObject, previous: KubernetesObject, subresource: string): void {
  const faults = validateMetadata(definition, next.metadata);
  faults.push(...validateMetadataUpdate(next.metadata, previous.metadata), ...validateStructure(definition.schema, next));
  if (faults.length === 0) {
    if (subresource === 'status') faults.push(...(definition.validateStatusUpdate?.(next, previous) ?? []));
    else if (subresource !== 'binding') faults.push(...(definition.validate?.(next) ?? []), ...(definition.validateUpdate?.(next, previous) ?? []));
  }
  refuse(definition, next, faults);
}

function refuse(definition: ResourceDefinition, object: KubernetesObject, faults: readonly FieldError[]): void {
  if (faults.length > 0) throw invalid(definition.group === '' ? definition.kind : `${definition.kind}.${definition.group}`, object.metadata.name || object.metadata.generateName || '', faults);
}
