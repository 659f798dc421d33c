// What must hold of every object's metadata, whatever its kind.
import { checkDnsLabel, checkDnsSubdomain, checkLabelValue, checkPathSegment, checkQualifiedName } from '../../../api/meta/names.ts';
import type { ObjectMeta } from '../../../api/meta/object-meta.ts';
import type { FieldError } from '../../../api/schema/field-error.ts';
import type { ResourceDefinition } from '../served/definition.ts';

const maxAnnotationBytes = 256 * 1024;

/** Kinds whose names may be any path segment: RBAC's carry colons. */
const freelyNamed = new Set(['rbac.authorization.k8s.io']);
/** Kinds whose names are single DNS labels; Service is stricter still and says so in its own rules. */
const labelNamed = new Set(['/namespaces', '/services']);

/** Faults of metadata in a new or changed object. */
export function validateMetadata(definition: ResourceDefinition, metadata: ObjectMeta): FieldError[] {
  const faults: FieldError[] = [];
  const refuse = (path: string, value: unknown, sentences: readonly string[]): void => {
    for (const sentence of sentences) {
      faults.push({ path, reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(value)}: ${sentence}` });
    }
  };
  if (!metadata.name) faults.push({ path: 'metadata.name', reason: 'FieldValueRequired', message: 'Required value: name or generateName is required' });
  else refuse('metadata.name', metadata.name, checkName(definition, metadata.name));
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    refuse('metadata.labels', key, checkQualifiedName(key));
    refuse('metadata.labels', value, checkLabelValue(value));
  }
  let annotationBytes = 0;
  for (const [key, value] of Object.entries(metadata.annotations ?? {})) {
    refuse('metadata.annotations', key, checkQualifiedName(key.toLowerCase()));
    annotationBytes += key.length + Buffer.byteLength(String(value));
  }
  if (annotationBytes > maxAnnotationBytes) {
    faults.push({ path: 'metadata.annotations', reason: 'FieldValueTooLong', message: `Too long: may not be more than ${maxAnnotationBytes} bytes` });
  }
  metadata.finalizers?.forEach((finalizer, index) => refuse(`metadata.finalizers[${index}]`, finalizer, checkQualifiedName(finalizer)));
  faults.push(...validateOwners(metadata));
  return faults;
}

function checkName(definition: ResourceDefinition, name: string): string[] {
  if (freelyNamed.has(definition.group)) return checkPathSegment(name);
  if (labelNamed.has(`${definition.group}/${definition.plural}`)) return checkDnsLabel(name);
  return checkDnsSubdomain(name);
}

function validateOwners(metadata: ObjectMeta): FieldError[] {
  const faults: FieldError[] = [];
  let controllers = 0;
  metadata.ownerReferences?.forEach((owner, index) => {
    const path = `metadata.ownerReferences[${index}]`;
    for (const field of ['apiVersion', 'kind', 'name', 'uid'] as const) {
      if (!owner[field]) faults.push({ path: `${path}.${field}`, reason: 'FieldValueRequired', message: 'Required value: must not be empty' });
    }
    if (owner.controller === true) controllers++;
  });
  if (controllers > 1) {
    faults.push({ path: 'metadata.ownerReferences', reason: 'FieldValueInvalid', message: 'Invalid value: Only one reference can have Controller set to true' });
  }
  return faults;
}

/** Faults that only an update can have. */
export function validateMetadataUpdate(next: ObjectMeta, previous: ObjectMeta): FieldError[] {
  if (previous.deletionTimestamp === undefined) return [];
  const had = new Set(previous.finalizers ?? []);
  const added = (next.finalizers ?? []).filter((finalizer) => !had.has(finalizer));
  if (added.length === 0) return [];
  const message = `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers ${JSON.stringify(added)}`;
  return [{ path: 'metadata.finalizers', reason: 'FieldValueForbidden', message }];
}
