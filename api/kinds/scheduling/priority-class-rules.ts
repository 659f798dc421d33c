// Rules of priority classes.
import { forbiddenField, type FieldError } from '../../schema/field-error.ts';
import { immutable } from '../meta/object-meta-rules.ts';
import type { PriorityClass } from './priority-class.ts';

/** Beyond this, priorities are the system's. */
const highestUserPriority = 1_000_000_000;
const systemClasses: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
};

export function validatePriorityClass({ metadata, value = 0 }: PriorityClass): FieldError[] {
  if (metadata.name?.startsWith('system-')) {
    const known = systemClasses[metadata.name];
    const detail = "priority class names with 'system-' prefix are reserved for system use only. error: ";
    if (known === undefined) return [forbiddenField('metadata.name', `${detail}the name is not one of the system's`)];
    return value === known ? [] : [forbiddenField('metadata.name', `${detail}the value must be ${known}`)];
  }
  if (value <= highestUserPriority) return [];
  return [forbiddenField('value', `maximum allowed value of a user defined priority is ${highestUserPriority}`)];
}

export function validatePriorityClassUpdate(next: PriorityClass, previous: PriorityClass): FieldError[] {
  const errors = immutable('preemptionPolicy', next.preemptionPolicy, previous.preemptionPolicy);
  if (next.value !== previous.value) errors.unshift(forbiddenField('value', 'may not be changed in an update.'));
  return errors;
}
