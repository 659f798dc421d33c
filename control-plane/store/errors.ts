// The store's failures. The server turns them into Status; nothing here knows of resources or HTTP.
import type { StoredObject } from './contract.ts';

/**
 * `Expired`: the revision is compacted or out of history. `TooLargeRevision`: asked for a revision not reached in time.
 * `Fenced`: the writer no longer leads. `Unavailable`: etcd does not answer; retryable. `Ambiguous` writes are resolved
 * by the store itself before it answers.
 */
export type StoreErrorReason =
  'AlreadyExists' | 'NotFound' | 'Conflict' | 'Expired' | 'TooLargeRevision' | 'Fenced' | 'TooLarge' | 'Unavailable';

/** A failure with its reason; `current` is the winning version where one is known. */
export class StoreError extends Error {
  readonly reason: StoreErrorReason;
  readonly current: StoredObject | undefined;

  constructor(reason: StoreErrorReason, message: string, options: { current?: StoredObject; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'StoreError';
    this.reason = reason;
    this.current = options.current;
  }
}

/** Whether an error is a StoreError, of one reason where given. */
export function isStoreError(error: unknown, reason?: StoreErrorReason): error is StoreError {
  return error instanceof StoreError && (reason === undefined || error.reason === reason);
}
