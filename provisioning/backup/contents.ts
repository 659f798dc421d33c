// What goes into a backup besides the database: the cluster's description and its authorities, without which a console on
// a new computer could not reach the restored cluster. No passwords, no login keys.
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BackupContent } from '../../machinery/backup/index.ts';
import { formatClusterFile } from '../cluster-file.ts';
import type { ClusterSpec } from '../contract.ts';
import { authoritiesExist, authorityFiles } from '../pki/cluster-pki.ts';

/** cluster.yaml and, where this computer holds them, the authorities. */
export function backupContents(spec: ClusterSpec, pkiDir: string): BackupContent[] {
  const present = authorityFiles.filter((file) => existsSync(join(pkiDir, file)));
  return [
    { name: 'cluster.yaml', text: formatClusterFile(spec) },
    ...present.map((file) => ({ name: `pki/${file}`, path: join(pkiDir, file) })),
  ];
}

/** Puts the authorities of an opened backup where this computer has none; true when it did. */
export async function adoptAuthorities(folder: string, pkiDir: string): Promise<boolean> {
  if (authoritiesExist(pkiDir)) return false;
  for (const file of authorityFiles) {
    const from = join(folder, 'pki', file);
    if (!existsSync(from)) continue;
    await mkdir(dirname(join(pkiDir, file)), { recursive: true, mode: 0o700 });
    await copyFile(from, join(pkiDir, file));
  }
  return authoritiesExist(pkiDir);
}

/** cluster.yaml of an opened backup; undefined in one that a machine made by schedule. */
export async function clusterFileIn(folder: string): Promise<string | undefined> {
  const path = join(folder, 'cluster.yaml');
  return existsSync(path) ? readFile(path, 'utf8') : undefined;
}
