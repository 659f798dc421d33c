// How patches fail: a patch that cannot be read is a bad request, one that does not fit the object is invalid.
import { badRequest, failure, type ApiError } from '../../meta/status.ts';

/** The patch itself is malformed. */
export function malformedPatch(message: string): ApiError {
  return badRequest(`error decoding patch: ${message}`);
}

/** The patch is well formed, but the object is not such that it could be applied. */
export function inapplicablePatch(message: string): ApiError {
  const summary = 'the server rejected our request due to an error in our request';
  return failure('Invalid', summary, { causes: [{ message }] });
}
