// Backups of a cluster's state: made, encrypted, stored anywhere, and proved by restoring them.
export { openBackup, readBackupHead, sealBackup } from './archive.ts';
export type { BackupContent, BackupHead, BackupOpener } from './archive.ts';
export { BackupError, isBackupError } from './errors.ts';
export type { BackupFailure } from './errors.ts';
export { liveObjects } from './live-objects.ts';
export { makeBackup, proveStored } from './make-backup.ts';
export type { BackupSource, BackupStage, MadeBackup, MakeBackupOptions, ProveStoredOptions } from './make-backup.ts';
export { proofScript } from './proof-script.ts';
export { localProver, openAndCheck, parseObjects, proveOpened, readServedState } from './prove.ts';
export type { BackupProof, OpenedBackup, Prover, ServedState } from './prove.ts';
export { createRecoveryKey, newPassphrase, recoveryKeySchema, unlockRecoveryKey } from './recovery-key.ts';
export type { RecoveryKey } from './recovery-key.ts';
export { s3Schema, s3Target } from './s3-target.ts';
export type { S3Options } from './s3-target.ts';
export { backupName, backupSuffix, deleteBackup, folderTarget, listBackups, planRetention } from './target.ts';
export type { BackupTarget, Retention, StoredBackup, StoredFile } from './target.ts';
