// Status: how the API says that something did not work. One table fixes reason → code; every error that crosses the
// API is an ApiError carrying a Status, and the constructors below word them as Kubernetes' clients expect.
import type { FieldError } from '../schema/field-error.ts';
import type { ListMeta } from './object-meta.ts';

/** The one table of reasons: what each is as an HTTP status code. */
export const statusReasons = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  AlreadyExists: 409,
  Conflict: 409,
  Gone: 410,
  Expired: 410,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  StoreReadError: 500,
  Unknown: 500,
  ServiceUnavailable: 503,
  ServerTimeout: 500,
  Timeout: 504,
} as const satisfies Record<string, number>;

/** A machine-readable reason of a failure. */
export type StatusReason = keyof typeof statusReasons;

/** One cause of a failure, usually one field. */
export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

/** What the failure is about. */
export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

/** The answer to a request that failed, or that has nothing else to say. */
export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: ListMeta;
  status: 'Success' | 'Failure';
  message?: string;
  reason?: StatusReason;
  details?: StatusDetails;
  code?: number;
}

/** The group and plural, or the kind, that an error speaks of; a bare string has no group. */
export type Subject = string | { readonly group: string; readonly plural: string };

/** A failure that the API reports: `status` is what goes over the wire, `cause` stays with us. */
export class ApiError extends Error {
  readonly status: Status;

  constructor(status: Status, options?: { cause?: unknown }) {
    super(status.message ?? status.reason ?? 'unknown failure', options);
    this.name = 'ApiError';
    this.status = status;
  }

  get reason(): StatusReason {
    return this.status.reason ?? 'Unknown';
  }

  get code(): number {
    return this.status.code ?? 500;
  }
}

/** Whether an error is the API's, and of this reason where one is given. */
export function isApiError(error: unknown, reason?: StatusReason): error is ApiError {
  return error instanceof ApiError && (reason === undefined || error.reason === reason);
}

/** A failure with the reason's own code. */
export function failure(
  reason: StatusReason,
  message: string,
  details?: StatusDetails,
  options?: { cause?: unknown; code?: number },
): ApiError {
  const status: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason };
  if (details !== undefined) status.details = details;
  status.code = options?.code ?? statusReasons[reason];
  return new ApiError(status, options);
}

/** A success that has nothing to return but what it was about. */
export function success(details?: StatusDetails): Status {
  const status: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' };
  if (details !== undefined) status.details = details;
  return status;
}

function qualified(subject: Subject): string {
  if (typeof subject === 'string') return subject;
  return subject.group === '' ? subject.plural : `${subject.plural}.${subject.group}`;
}

function detailsOf(subject: Subject, name: string): StatusDetails {
  const details: StatusDetails = {};
  if (name !== '') details.name = name;
  if (typeof subject === 'string') {
    if (subject !== '') details.kind = subject;
  } else {
    if (subject.group !== '') details.group = subject.group;
    details.kind = subject.plural;
  }
  return details;
}

export function notFound(subject: Subject, name: string): ApiError {
  return failure('NotFound', `${qualified(subject)} "${name}" not found`, detailsOf(subject, name));
}

export function alreadyExists(subject: Subject, name: string): ApiError {
  return failure('AlreadyExists', `${qualified(subject)} "${name}" already exists`, detailsOf(subject, name));
}

/** Somebody else wrote first; read again and retry. */
export function conflict(
  subject: Subject,
  name: string,
  why = 'the object has been modified; please apply your changes to the latest version and try again',
): ApiError {
  const message = `Operation cannot be fulfilled on ${qualified(subject)} "${name}": ${why}`;
  return failure('Conflict', message, detailsOf(subject, name));
}

/** The object breaks rules; `kind` may carry its group as `Deployment.apps`. */
export function invalid(kind: string, name: string, errors: readonly FieldError[]): ApiError {
  const distinct = [...new Map(errors.map((error) => [`${error.path}\n${error.message}`, error])).values()];
  const causes = distinct.map(({ path, reason, message }) => ({ reason, message, field: path }));
  const sentences = [...new Set(distinct.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)))];
  const all = sentences.length === 1 ? sentences[0] : `[${sentences.join(', ')}]`;
  const message = errors.length === 0 ? `${kind} "${name}" is invalid` : `${kind} "${name}" is invalid: ${all}`;
  const dot = kind.indexOf('.');
  const details: StatusDetails = { name, kind: dot < 0 ? kind : kind.slice(0, dot), causes };
  if (dot >= 0) details.group = kind.slice(dot + 1);
  return failure('Invalid', message, details);
}

export function badRequest(message: string, options?: { cause?: unknown }): ApiError {
  return failure('BadRequest', message, undefined, options);
}

export function unauthorized(message = 'Unauthorized'): ApiError {
  return failure('Unauthorized', message);
}

/** The caller may not do this; `why` says who lacks what. */
export function forbidden(subject: Subject, name: string, why: string): ApiError {
  const details = detailsOf(subject, name);
  if (details.kind === undefined) return failure('Forbidden', `forbidden: ${why}`, details);
  const what = name === '' ? qualified(subject) : `${qualified(subject)} "${name}"`;
  return failure('Forbidden', `${what} is forbidden: ${why}`, details);
}

export function gone(message: string): ApiError {
  return failure('Gone', message);
}

/** The revision that was asked for has been compacted: list again. */
export function expired(message: string): ApiError {
  return failure('Expired', message);
}

export function methodNotSupported(subject: Subject, action: string): ApiError {
  const message = `${action} is not supported on resources of kind "${qualified(subject)}"`;
  return failure('MethodNotAllowed', message, detailsOf(subject, ''));
}

export function notAcceptable(message: string): ApiError {
  return failure('NotAcceptable', message);
}

export function unsupportedMediaType(message: string): ApiError {
  return failure('UnsupportedMediaType', message);
}

export function requestEntityTooLarge(message: string): ApiError {
  return failure('RequestEntityTooLarge', message);
}

export function internalError(message: string, options?: { cause?: unknown }): ApiError {
  const causes = [{ message }];
  return failure('InternalError', `Internal error occurred: ${message}`, { causes }, options);
}

/** Too much at once; the client may come back after the given seconds. */
export function tooManyRequests(message: string, retryAfterSeconds = 1): ApiError {
  return failure('TooManyRequests', message, { retryAfterSeconds });
}

/** The server, or what it stands on, is not there; retrying may help. */
export function serviceUnavailable(message: string, options?: { cause?: unknown }): ApiError {
  return failure('ServiceUnavailable', message, undefined, options);
}

export function timeout(message: string, retryAfterSeconds = 0): ApiError {
  const details: StatusDetails | undefined = retryAfterSeconds > 0 ? { retryAfterSeconds } : undefined;
  return failure('Timeout', `Timeout: ${message}`, details);
}

/** The server could not finish in time, e.g. waiting for a revision; retrying may help. */
export function serverTimeout(subject: Subject, operation: string, retryAfterSeconds = 0): ApiError {
  const message = `The ${operation} operation against ${qualified(subject)} could not be completed at this time, please try again.`;
  return failure('ServerTimeout', message, { ...detailsOf(subject, operation), retryAfterSeconds });
}
