// Why a backup could not be made, opened or proved, in a closed list that callers translate for people.

export type BackupFailure =
  /** The file does not begin as a backup does. */
  | 'not-a-backup'
  /** Made by a newer version than this one. */
  | 'newer-format'
  /** The passphrase does not open it. */
  | 'wrong-passphrase'
  /** Bytes are missing or changed. */
  | 'damaged'
  /** What was restored is not what was backed up. */
  | 'differs'
  /** No etcd program to prove it with. */
  | 'no-etcd'
  /** The place refused, or cannot be reached. */
  | 'storage'
  | 'absent';

/** A failure of a backup; `message` is a sentence with what was found, without secrets. */
export class BackupError extends Error {
  readonly failure: BackupFailure;
  constructor(failure: BackupFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'BackupError';
    this.failure = failure;
  }
}

export function isBackupError(error: unknown, failure?: BackupFailure): error is BackupError {
  return error instanceof BackupError && (failure === undefined || error.failure === failure);
}
