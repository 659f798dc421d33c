// Compute resources of containers: names, amounts, and requests against limits.
import { checkQualifiedName } from '../../../meta/names.ts';
import { compareQuantities, tryParseQuantity } from '../../../meta/quantity.ts';
import { invalidValue, required, type FieldError } from '../../../schema/field-error.ts';
import type { ResourceRequirements } from '../resource-requirements.ts';
import { checkAmount, invalidFor } from './checks.ts';

const standard = new Set(['cpu', 'memory', 'ephemeral-storage']);

function isHugePages(name: string): boolean {
  return name.startsWith('hugepages-');
}

/** Whether a resource is whole units that cannot be overcommitted: everything but the standard ones. */
export function isExtendedResource(name: string): boolean {
  return !standard.has(name) && !isHugePages(name);
}

/** Checks limits and requests of a container. */
export function validateResources(resources: ResourceRequirements | undefined, path: string): FieldError[] {
  const { limits = {}, requests = {} } = resources ?? {};
  return [
    ...Object.entries(limits).flatMap(([name, value]) => validateAmount(name, value, `${path}.limits[${name}]`)),
    ...Object.entries(requests).flatMap(([name, value]) => validateAmount(name, value, `${path}.requests[${name}]`)),
    ...Object.entries(requests).flatMap(([name, value]) => validateRequest(name, value, limits[name], path)),
  ];
}

function validateAmount(name: string, value: string, path: string): FieldError[] {
  const errors = invalidFor(path, name, checkQualifiedName(name));
  if (!name.includes('/') && !standard.has(name) && !isHugePages(name)) {
    errors.push(invalidValue(path, name, 'must be a standard resource for containers'));
  }
  errors.push(...checkAmount(path, value));
  if (isExtendedResource(name) && (tryParseQuantity(value)?.nanos ?? 0n) % 1_000_000_000n !== 0n) {
    errors.push(invalidValue(path, value, 'must be an integer'));
  }
  return errors;
}

function validateRequest(name: string, value: string, limit: string | undefined, path: string): FieldError[] {
  const mayOvercommit = standard.has(name);
  if (limit === undefined) {
    return mayOvercommit ? [] : [required(`${path}.limits`, 'Limit must be set for non overcommitable resources')];
  }
  const order = compareQuantities(value, limit);
  if (order > 0) {
    return [invalidValue(`${path}.requests`, value, `must be less than or equal to ${name} limit of ${limit}`)];
  }
  if (order < 0 && !mayOvercommit) {
    return [invalidValue(`${path}.requests`, value, `must be equal to ${name} limit of ${limit}`)];
  }
  return [];
}
