// The recovery key of a cluster on the console's computer: clusters/<id>/recovery-key.json. It holds no secret (the private
// half is locked by the passphrase), and is the same for all backups, so that one passphrase opens them all.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createRecoveryKey,
  type RecoveryKey,
  recoveryKeySchema,
  unlockRecoveryKey,
} from '../../machinery/backup/index.ts';
import { clusterPaths } from '../paths.ts';

function keyPath(cluster: string, home?: string): string {
  return join(clusterPaths(cluster, home).dir, 'recovery-key.json');
}

/** The key made earlier; undefined when there is none. */
export async function readRecoveryKey(cluster: string, home?: string): Promise<RecoveryKey | undefined> {
  try {
    return recoveryKeySchema.parse(JSON.parse(await readFile(keyPath(cluster, home), 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * The cluster's key, checked against the passphrase or made with it. Throws BackupError `wrong-passphrase` when a key of
 * another passphrase exists, unless `replace`: backups made before keep the old passphrase.
 */
export async function ensureRecoveryKey(
  cluster: string,
  passphrase: string,
  options: { readonly home?: string; readonly replace?: boolean } = {},
): Promise<RecoveryKey> {
  const present = options.replace === true ? undefined : await readRecoveryKey(cluster, options.home);
  if (present !== undefined) {
    await unlockRecoveryKey(present, passphrase);
    return present;
  }
  const key = await createRecoveryKey(passphrase);
  const path = keyPath(cluster, options.home);
  await mkdir(clusterPaths(cluster, options.home).dir, { recursive: true, mode: 0o700 });
  await writeFile(`${path}.new`, `${JSON.stringify(key, undefined, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
  return key;
}
