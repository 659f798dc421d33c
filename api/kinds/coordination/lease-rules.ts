// Rules of leases.
import { invalidValue, type FieldError } from '../../schema/field-error.ts';
import { nonNegative } from '../core/rules/checks.ts';
import type { Lease } from './lease.ts';

/** Checks a lease: a lease lasts a while. */
export function validateLease({ spec }: Lease): FieldError[] {
  const { holderIdentity, leaseDurationSeconds, leaseTransitions } = spec;
  const errors = nonNegative('spec.leaseTransitions', leaseTransitions);
  if (leaseDurationSeconds !== undefined && leaseDurationSeconds <= 0) {
    errors.push(invalidValue('spec.leaseDurationSeconds', leaseDurationSeconds, 'must be greater than 0'));
  }
  if (holderIdentity === '') errors.push(invalidValue('spec.holderIdentity', '', 'must not be empty'));
  return errors;
}
