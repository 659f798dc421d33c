// Rules of storage classes and attachments: what volumes were made by does not change under them.
import { checkQualifiedName } from '../../meta/names.ts';
import { forbiddenField, type FieldError } from '../../schema/field-error.ts';
import { sameJson } from '../../schema/json-value.ts';
import { invalidFor } from '../core/rules/checks.ts';
import { immutable } from '../meta/object-meta-rules.ts';
import type { StorageClass } from './storage-class.ts';
import type { VolumeAttachment } from './volume-attachment.ts';
import type { VolumeAttributesClass } from './volume-attributes-class.ts';

export function validateStorageClass({ provisioner }: StorageClass): FieldError[] {
  return provisioner === ''
    ? []
    : invalidFor('provisioner', provisioner, checkQualifiedName(provisioner.toLowerCase()));
}

export function validateStorageClassUpdate(next: StorageClass, previous: StorageClass): FieldError[] {
  const fixed = ['parameters', 'provisioner', 'reclaimPolicy'] as const;
  const changed = fixed.filter((field) => !sameJson(next[field], previous[field]));
  return [
    ...changed.map((field) => forbiddenField(field, `updates to ${field} are forbidden.`)),
    ...immutable('volumeBindingMode', next.volumeBindingMode, previous.volumeBindingMode),
  ];
}

export function validateAttributesClassUpdate(
  next: VolumeAttributesClass,
  previous: VolumeAttributesClass,
): FieldError[] {
  const fixed = ['driverName', 'parameters'] as const;
  const changed = fixed.filter((field) => !sameJson(next[field], previous[field]));
  return changed.map((field) => forbiddenField(field, `updates to ${field} are forbidden.`));
}

export function validateAttachmentUpdate(next: VolumeAttachment, previous: VolumeAttachment): FieldError[] {
  return immutable('spec', next.spec, previous.spec);
}
