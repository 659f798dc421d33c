// Everything that must hold of an object before it is stored: schema, metadata, the kind's own rules. 422 lists all faults.
import { validateObjectMetaUpdate } from '../../../api/kinds/meta/object-meta-rules.ts';
import { invalid } from '../../../api/meta/status.ts';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import type { FieldError } from '../../../api/schema/field-error.ts';
import { validateStructure } from '../../../api/schema/validate.ts';
import { customRulesOf } from '../crd/custom-definition.ts';
import type { ResourceDefinition } from '../served/definition.ts';

/** Checks a new object. */
export function validateCreate(definition: ResourceDefinition, object: KubernetesObject): void {
  refuse(
    definition,
    object,
    judge(definition, object, () => definition.validate?.(object) ?? []),
  );
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
  const custom = customRulesOf(definition);
  const faults = judge(definition, next, () => {
    if (custom !== undefined) return custom.judgeUpdate(next, previous, subresource);
    if (subresource === '' || subresource === 'scale') {
      return [...(definition.validate?.(next) ?? []), ...(definition.validateUpdate?.(next, previous) ?? [])];
    }
    const common = validateObjectMetaUpdate(next.metadata, previous.metadata);
    return subresource === 'status'
      ? [...common, ...(definition.validateStatusUpdate?.(next, previous) ?? [])]
      : common;
  });
  refuse(definition, next, faults);
}

/** Structure first: the rules rely on it. Where it is broken they still say what they can, but may stumble over the holes. */
function judge(definition: ResourceDefinition, object: KubernetesObject, rules: () => FieldError[]): FieldError[] {
  const structural = validateStructure(definition.schema, object);
  if (structural.length === 0) return rules();
  try {
    return [...structural, ...rules()];
  } catch {
    return structural;
  }
}

function refuse(definition: ResourceDefinition, object: KubernetesObject, faults: readonly FieldError[]): void {
  if (faults.length === 0) return;
  const kind = definition.group === '' ? definition.kind : `${definition.kind}.${definition.group}`;
  throw invalid(kind, object.metadata.name || object.metadata.generateName || '', faults);
}
