// Failures of backups as sentences for people, in both languages, with the next step.
import { type BackupError, isBackupError } from '../../machinery/backup/index.ts';
import { ProvisioningError } from '../errors.ts';
import { type MessageKey, text } from '../messages/text.ts';

const remedies = {
  'not-a-backup': 'error.backup.not-a-backup.remedy',
  'newer-format': 'error.backup.newer-format.remedy',
  'wrong-passphrase': 'error.backup.wrong-passphrase.remedy',
  damaged: 'error.backup.damaged.remedy',
  differs: 'error.backup.damaged.remedy',
  'no-etcd': 'error.backup.no-etcd.remedy',
  storage: 'error.backup.storage.remedy',
  absent: 'error.backup.absent.remedy',
} as const;

/** Of what is wrong with the file itself. */
const sentences: Partial<Record<BackupError['failure'], MessageKey>> = {
  'not-a-backup': 'error.backup.not-a-backup',
  'newer-format': 'error.backup.newer-format',
  damaged: 'error.backup.damaged',
};

/** Runs `work`; a BackupError comes out as a ProvisioningError with reason `Backup/<failure>`. */
export async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isBackupError(error)) throw error;
    const isPassphrase = error.failure === 'wrong-passphrase' && !error.message.includes('at least');
    const sentence = isPassphrase
      ? text('error.backup.wrong-passphrase')
      : text(sentences[error.failure] ?? 'error.backup', { reason: error.message });
    throw new ProvisioningError(`Backup/${error.failure}`, sentence, text(remedies[error.failure]), error);
  }
}
