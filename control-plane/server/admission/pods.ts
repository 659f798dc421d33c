// Tests that several pod plugins share.
import type { AdmissionRequest } from './admission.ts';

/** Whether a pod is being created. */
export function isPodCreation({ operation, definition, subresource }: AdmissionRequest): boolean {
  return operation === 'CREATE' && subresource === '' && definition.group === '' && definition.plural === 'pods';
}
