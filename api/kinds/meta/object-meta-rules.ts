// What every object's metadata must keep to, on create and on update.
import { utf8Length } from '../../meta/base64.ts';
import { checkLabelValue, checkQualifiedName } from '../../meta/names.ts';
import type { ObjectMeta, OwnerReference } from '../../meta/object-meta.ts';
import { forbiddenField, invalidValue, required, tooLong, type FieldError } from '../../schema/field-error.ts';
import { sameJson } from '../../schema/json-value.ts';

/** A rule for names: the sentences that say what is wrong. */
export type NameRule = (name: string) => string[];

const maxAnnotationBytes = 256 * 1024;

const standardFinalizers = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

/** Checks the metadata of any object. */
export function validateObjectMeta(metadata: Partial<ObjectMeta>, checkName: NameRule): FieldError[] {
  const { name = '', generateName = '', generation = 0 } = metadata;
  const errors: FieldError[] = [];
  if (generateName !== '') {
    const sentences = checkName(generateName.replace(/-$/, 'a'));
    errors.push(...sentences.map((sentence) => invalidValue('metadata.generateName', generateName, sentence)));
  }
  if (name === '') errors.push(required('metadata.name', 'name or generateName is required'));
  else errors.push(...checkName(name).map((sentence) => invalidValue('metadata.name', name, sentence)));
  if (generation < 0)
    errors.push(invalidValue('metadata.generation', generation, 'must be greater than or equal to 0'));
  return [
    ...errors,
    ...validateLabels(metadata.labels, 'metadata.labels'),
    ...validateAnnotations(metadata.annotations, 'metadata.annotations'),
    ...validateOwners(metadata.ownerReferences ?? []),
    ...validateFinalizers(metadata.finalizers ?? []),
  ];
}

/** Checks keys and values of labels. */
export function validateLabels(labels: Readonly<Record<string, string>> | undefined, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(labels ?? {})) {
    errors.push(...checkQualifiedName(key).map((sentence) => invalidValue(path, key, sentence)));
    errors.push(...checkLabelValue(value).map((sentence) => invalidValue(path, value, sentence)));
  }
  return errors;
}

/** Checks keys and the size of annotations. */
export function validateAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations ?? {})) {
    errors.push(...checkQualifiedName(key.toLowerCase()).map((sentence) => invalidValue(path, key, sentence)));
    bytes += utf8Length(key) + utf8Length(value);
  }
  if (bytes > maxAnnotationBytes) errors.push(tooLong(path, maxAnnotationBytes));
  return errors;
}

function validateOwners(owners: readonly OwnerReference[]): FieldError[] {
  const errors: FieldError[] = [];
  const path = 'metadata.ownerReferences';
  for (const [index, owner] of owners.entries()) {
    for (const field of ['apiVersion', 'kind', 'name', 'uid'] as const) {
      if (!owner[field]) errors.push(invalidValue(`${path}[${index}].${field}`, '', `${field} must not be empty`));
    }
    if (owner.kind === 'Event' && owner.apiVersion === 'v1') {
      errors.push(
        invalidValue(path, owner, `${owner.apiVersion}, Kind=${owner.kind} is disallowed from being an owner`),
      );
    }
  }
  const [first, second] = owners.filter((owner) => owner.controller === true);
  if (first !== undefined && second !== undefined) {
    const detail = `Only one reference can have Controller set to true. Found "true" in references for ${first.kind}/${first.name} and ${second.kind}/${second.name}`;
    errors.push(invalidValue(path, owners, detail));
  }
  return errors;
}

function validateFinalizers(finalizers: readonly string[]): FieldError[] {
  const path = 'metadata.finalizers';
  const errors: FieldError[] = [];
  for (const finalizer of finalizers) {
    errors.push(...checkQualifiedName(finalizer).map((sentence) => invalidValue(path, finalizer, sentence)));
    if (!finalizer.includes('/') && !standardFinalizers.has(finalizer)) {
      errors.push(invalidValue(path, finalizer, 'name is neither a standard finalizer name nor is it fully qualified'));
    }
  }
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(invalidValue(path, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'));
  }
  return errors;
}

/** Checks that an update keeps what the server decided, and adds no finalizer to what is being deleted. */
export function validateObjectMetaUpdate(next: ObjectMeta, previous: ObjectMeta): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of [
    'name',
    'namespace',
    'uid',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
  ] as const) {
    errors.push(...immutable(`metadata.${field}`, next[field], previous[field]));
  }
  if ((next.generation ?? 0) < (previous.generation ?? 0)) {
    errors.push(invalidValue('metadata.generation', next.generation, 'must not be decremented'));
  }
  if (previous.deletionTimestamp !== undefined) {
    const added = (next.finalizers ?? []).filter((finalizer) => !previous.finalizers?.includes(finalizer));
    if (added.length > 0) {
      const list = added.map((finalizer) => JSON.stringify(finalizer)).join(', ');
      const detail = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`;
      errors.push(forbiddenField('metadata.finalizers', detail));
    }
  }
  return errors;
}

/** Says that a field changed which may not. */
export function immutable(path: string, next: unknown, previous: unknown, detail = 'field is immutable'): FieldError[] {
  return sameJson(next, previous) ? [] : [invalidValue(path, next, detail)];
}
