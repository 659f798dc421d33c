// Rules of aggregated APIs.
import { checkDnsSubdomain, checkPortNumber } from '../../meta/names.ts';
import { invalidValue, required, type FieldError } from '../../schema/field-error.ts';
import { invalidFor } from '../core/rules/checks.ts';
import type { APIService } from './api-service.ts';

/** Checks an APIService: its name says its version and group. */
export function validateApiService({ metadata, spec }: APIService): FieldError[] {
  const {
    caBundle,
    group = '',
    groupPriorityMinimum,
    insecureSkipTLSVerify,
    service,
    version = '',
    versionPriority,
  } = spec;
  const errors: FieldError[] = [];
  const wanted = `${version}.${group}`;
  if (metadata.name !== wanted) {
    errors.push(invalidValue('metadata.name', metadata.name, `must be \`spec.version+"."+spec.group\`: "${wanted}"`));
  }
  if (group !== '') errors.push(...invalidFor('spec.group', group, checkDnsSubdomain(group)));
  if (groupPriorityMinimum <= 0 || groupPriorityMinimum > 20_000) {
    errors.push(
      invalidValue('spec.groupPriorityMinimum', groupPriorityMinimum, 'must be positive and less than 20000'),
    );
  }
  if (versionPriority <= 0 || versionPriority > 1000) {
    errors.push(invalidValue('spec.versionPriority', versionPriority, 'must be positive and less than 1000'));
  }
  if (service === undefined) {
    if (caBundle)
      errors.push(
        invalidValue('spec.caBundle', `${caBundle.length} bytes`, 'local APIServices may not have a caBundle'),
      );
    return errors;
  }
  if (!service.name) errors.push(required('spec.service.name'));
  if (!service.namespace) errors.push(required('spec.service.namespace'));
  if (service.port !== undefined)
    errors.push(...invalidFor('spec.service.port', service.port, checkPortNumber(service.port)));
  if (insecureSkipTLSVerify === true && caBundle) {
    errors.push(invalidValue('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present'));
  }
  return errors;
}
