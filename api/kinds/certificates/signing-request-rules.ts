// Rules of certificate signing requests.
import { invalidValue, required, type FieldError } from '../../schema/field-error.ts';
import { sameJson } from '../../schema/json-value.ts';
import type { CertificateSigningRequest } from './certificate-signing-request.ts';

/** The shortest life that may be asked for. */
const minExpirationSeconds = 600;

export function validateSigningRequest({ spec }: CertificateSigningRequest): FieldError[] {
  const { expirationSeconds, signerName, usages = [] } = spec;
  const errors: FieldError[] = [];
  if (usages.length === 0) errors.push(required('spec.usages', 'usages is required'));
  if (signerName !== '' && !/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?\/\S+$/.test(signerName)) {
    errors.push(
      invalidValue(
        'spec.signerName',
        signerName,
        'must be a fully qualified domain and path of the form "example.com/signer-name"',
      ),
    );
  }
  if (expirationSeconds !== undefined && expirationSeconds < minExpirationSeconds) {
    errors.push(
      invalidValue(
        'spec.expirationSeconds',
        expirationSeconds,
        'may not specify a duration less than 600 seconds (10 minutes)',
      ),
    );
  }
  return errors;
}

/** What was asked for stays; decisions are never taken back. */
export function validateSigningRequestUpdate(
  next: CertificateSigningRequest,
  previous: CertificateSigningRequest,
): FieldError[] {
  return sameJson(next.spec, previous.spec) ? [] : [invalidValue('spec', next.spec, 'field is immutable')];
}
