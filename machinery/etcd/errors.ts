// etcd's failures in a few classes that callers can act on; the foreign error stays as `cause`.
import { GrpcError, grpcCodes } from './grpc/index.ts';

/**
 * `unavailable`: no answer, or no leader; a write may or may not have landed. `compacted`: the revision is gone.
 * `future`: the revision does not exist yet. `no-space`: the quota is used up. `too-large`: the request is over
 * etcd's limit. `denied`: the certificate is refused. `closed`: this client was closed. `other`: a bug.
 */
export type EtcdFailure =
  'unavailable' | 'compacted' | 'future' | 'no-space' | 'too-large' | 'denied' | 'closed' | 'other';

export class EtcdClientError extends Error {
  readonly failure: EtcdFailure;

  constructor(failure: EtcdFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'EtcdClientError';
    this.failure = failure;
  }
}

/** Whether an error is one of etcd's, of one class where given. */
export function isEtcdError(error: unknown, failure?: EtcdFailure): error is EtcdClientError {
  return error instanceof EtcdClientError && (failure === undefined || error.failure === failure);
}

const byMessage: readonly (readonly [RegExp, EtcdFailure])[] = [
  [/required revision has been compacted/, 'compacted'],
  [/required revision is a future revision/, 'future'],
  [/database space exceeded/, 'no-space'],
  [/request is too large|larger than max/, 'too-large'],
  [/permission denied|invalid auth token|authentication/i, 'denied'],
  [
    /request timed out|no leader|leader changed|not capable|stopped|too many requests|unhealthy cluster/i,
    'unavailable',
  ],
];

const unavailableCodes: ReadonlySet<number> = new Set([
  grpcCodes.unavailable,
  grpcCodes.cancelled,
  grpcCodes.deadlineExceeded,
  grpcCodes.internal,
  grpcCodes.unknown,
  grpcCodes.aborted,
]);

/** Translates whatever the gRPC client threw. */
export function translateError(error: unknown, doing: string): EtcdClientError {
  if (error instanceof EtcdClientError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const failure = byMessage.find(([pattern]) => pattern.test(message))?.[1] ?? byCode(error);
  return new EtcdClientError(failure, `${doing}: ${message}`, error);
}

function byCode(error: unknown): EtcdFailure {
  return error instanceof GrpcError && unavailableCodes.has(error.code) ? 'unavailable' : 'other';
}
