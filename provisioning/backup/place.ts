// How an administrator names a place for backups: a folder here, `machine:NAME[:FOLDER]`, or `s3://BUCKET[/PREFIX]`.
import { resolve } from 'node:path';
import { type BackupTarget, folderTarget, s3Schema, s3Target, type S3Options } from '../../machinery/backup/index.ts';
import type { ClusterSpec } from '../contract.ts';
import { ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';
import { expandHome } from '../paths.ts';
import type { OpenMaster } from '../recovery/masters.ts';
import { machineTarget } from './machine-target.ts';

/** A place, as data. Secrets of S3 come from the environment or safe storage, never from a command line. */
export type BackupPlace =
  | { readonly kind: 'folder'; readonly folder: string }
  | { readonly kind: 'machine'; readonly machine: string; readonly folder?: string }
  | { readonly kind: 's3'; readonly s3: S3Options };

/** What `s3://` needs besides its name. */
export interface S3Access {
  readonly endpoint?: string;
  readonly region?: string;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly sessionToken?: string;
  readonly ca?: string;
}

/** Reads a place; throws ProvisioningError `BackupPlace`. */
export function parsePlace(spelling: string, access: S3Access = {}): BackupPlace {
  const s3 = /^s3:\/\/([^/]+)\/?(.*?)\/?$/.exec(spelling);
  if (s3 !== null) {
    const parsed = s3Schema.safeParse({ ...access, bucket: s3[1], prefix: s3[2] });
    if (!parsed.success) throw noPlace(spelling);
    return { kind: 's3', s3: parsed.data };
  }
  const machine = /^machine:([a-z0-9-]+)(?::(\/.+))?$/.exec(spelling);
  if (machine !== null) return { kind: 'machine', machine: machine[1] ?? '', folder: machine[2] };
  if (spelling.trim() === '' || spelling.includes('://') || spelling.startsWith('machine:')) throw noPlace(spelling);
  return { kind: 'folder', folder: resolve(expandHome(spelling)) };
}

/** The place, open. `masters` are those that answer; a place on a machine needs its own among them. */
export function openPlace(place: BackupPlace, spec: ClusterSpec, masters: readonly OpenMaster[]): BackupTarget {
  if (place.kind === 'folder') return folderTarget(place.folder);
  if (place.kind === 's3') return s3Target(place.s3);
  const master = masters.find(({ machine }) => machine.name === place.machine);
  if (master === undefined) throw noPlace(`machine:${place.machine} (${spec.name})`);
  return machineTarget(master.transport, place.folder);
}

function noPlace(place: string): ProvisioningError {
  return new ProvisioningError('BackupPlace', text('error.backup.place', { place }), text('error.backup.place.remedy'));
}
