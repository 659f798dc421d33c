// Errors of the registry: store failures told as Status, and the few that only lists and watches have.
import {
  alreadyExists,
  type ApiError,
  badRequest,
  conflict,
  expired as expiredError,
  failure,
  notFound,
  requestEntityTooLarge,
  serviceUnavailable,
  timeout,
} from '../../../api/meta/status.ts';
import type { ResourceDefinition } from '../served/definition.ts';
import { isStoreError } from '../../store/errors.ts';

export { badRequest };

/** 410, with the token by which a paging client may go on. */
export function expired(message: string, continueToken?: string): ApiError {
  const error = expiredError(message);
  if (continueToken !== undefined) error.status.metadata = { continue: continueToken };
  return error;
}

/** 422 of list or write options that contradict each other. */
export function invalidOptions(message: string): ApiError {
  return failure('Invalid', `ListOptions.meta.k8s.io "" is invalid: ${message}`);
}

/** The Status of a store failure on one object; anything else passes unchanged. */
export function fromStore(error: unknown, definition: ResourceDefinition, name: string): unknown {
  if (!isStoreError(error)) return error;
  switch (error.reason) {
    case 'AlreadyExists':
      return alreadyExists(definition, name);
    case 'NotFound':
      return notFound(definition, name);
    case 'Conflict':
      return conflict(definition, name, modifiedMeanwhile);
    case 'Expired':
      return expired(`The resourceVersion for the provided list is too old. (${error.message})`);
    case 'TooLargeRevision':
      return timeout(`Too large resource version: ${error.message}`, 1);
    case 'Fenced':
      return conflict(definition, name, error.message);
    case 'TooLarge':
      return requestEntityTooLarge(`etcdserver: request is too large: ${error.message}`);
    case 'Unavailable':
      return serviceUnavailable(`the store does not answer: ${error.message}`);
  }
}

/** Upstream's sentence, which clients look for. */
export const modifiedMeanwhile =
  'the object has been modified; please apply your changes to the latest version and try again';
