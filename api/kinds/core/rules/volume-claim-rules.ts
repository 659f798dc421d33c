// Rules of persistent volumes and of claims to them.
import { compareQuantities } from '../../../meta/quantity.ts';
import { forbiddenField, required, type FieldError } from '../../../schema/field-error.ts';
import { sameJson } from '../../../schema/json-value.ts';
import { validateLabelSelector } from '../../meta/label-selector-rules.ts';
import type { PersistentVolumeClaimSpec } from '../persistent-volume-claim-spec.ts';
import type { PersistentVolumeClaim } from '../persistent-volume-claim.ts';
import type { PersistentVolumeSpec } from '../persistent-volume-spec.ts';
import type { PersistentVolume } from '../persistent-volume.ts';
import { checkAmount } from './checks.ts';

/** Checks a claim. */
export function validateClaim({ spec }: PersistentVolumeClaim): FieldError[] {
  const errors = validateLabelSelector(spec.selector, 'spec.selector');
  if ((spec.accessModes ?? []).length === 0) {
    errors.push(required('spec.accessModes', 'at least 1 access mode is required'));
  }
  errors.push(...validateModes(spec.accessModes ?? []));
  const storage = spec.resources?.requests?.['storage'];
  if (storage === undefined) errors.push(required('spec.resources[storage]'));
  else errors.push(...checkAmount('spec.resources[storage]', storage));
  return errors;
}

function validateModes(modes: readonly string[]): FieldError[] {
  if (modes.length < 2 || !modes.includes('ReadWriteOncePod')) return [];
  return [forbiddenField('spec.accessModes', 'may not use ReadWriteOncePod with other access modes')];
}

/** Checks an update of a claim: a bound one may grow, and little else. */
export function validateClaimUpdate(next: PersistentVolumeClaim, previous: PersistentVolumeClaim): FieldError[] {
  const bound = previous.status?.phase === 'Bound';
  const fixed = (spec: PersistentVolumeClaimSpec): unknown => {
    const { resources, volumeAttributesClassName: _class, volumeName, storageClassName, ...rest } = spec;
    const keepsName = previous.spec.volumeName ? volumeName : undefined;
    // A claim that was made before there was a default class may get one.
    const keepsClass = previous.spec.storageClassName === undefined ? undefined : storageClassName;
    return {
      ...rest,
      storageClassName: keepsClass,
      volumeName: keepsName,
      resources: bound ? undefined : resources,
    };
  };
  if (!sameJson(fixed(next.spec), fixed(previous.spec))) {
    const detail =
      'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
    return [forbiddenField('spec', detail)];
  }
  const [wanted, asked] = [next.spec.resources?.requests?.['storage'], previous.spec.resources?.requests?.['storage']];
  const given = previous.status?.capacity?.['storage'];
  // A volume may well be larger than what its claim asked for: only asking for less is judged.
  const shrinks = wanted !== undefined && asked !== undefined && compareQuantities(wanted, asked) < 0;
  if (!bound || !shrinks || given === undefined || compareQuantities(wanted, given) > 0) return [];
  return [forbiddenField('spec.resources.requests.storage', 'field can not be less than status.capacity')];
}

const ownFields = new Set([
  'accessModes',
  'capacity',
  'claimRef',
  'mountOptions',
  'nodeAffinity',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'volumeAttributesClassName',
  'volumeMode',
]);

function sourceOf(spec: PersistentVolumeSpec): Record<string, unknown> {
  return Object.fromEntries(Object.entries(spec).filter(([key]) => !ownFields.has(key)));
}

/** Checks a volume. */
export function validateVolumeObject({ spec }: PersistentVolume): FieldError[] {
  const errors = validateModes(spec.accessModes ?? []);
  if ((spec.accessModes ?? []).length === 0) errors.push(required('spec.accessModes'));
  const storage = spec.capacity?.['storage'];
  if (storage === undefined) errors.push(required('spec.capacity'));
  else errors.push(...checkAmount('spec.capacity[storage]', storage));
  const [first, ...surplus] = Object.keys(sourceOf(spec));
  if (first === undefined) errors.push(required('spec', 'must specify a volume type'));
  errors.push(...surplus.map((key) => forbiddenField(`spec.${key}`, 'may not specify more than 1 volume type')));
  if (spec.local !== undefined && spec.nodeAffinity === undefined) {
    errors.push(required('spec.nodeAffinity', 'Local volume requires node affinity'));
  }
  return errors;
}

/** Checks an update of a volume: what it is made of stays. */
export function validateVolumeObjectUpdate(next: PersistentVolume, previous: PersistentVolume): FieldError[] {
  const errors: FieldError[] = [];
  if (!sameJson(sourceOf(next.spec), sourceOf(previous.spec))) {
    errors.push(
      forbiddenField('spec.persistentvolumesource', 'spec.persistentvolumesource is immutable after creation'),
    );
  }
  if (next.spec.volumeMode !== previous.spec.volumeMode) {
    errors.push(forbiddenField('spec.volumeMode', 'field is immutable'));
  }
  return errors;
}
