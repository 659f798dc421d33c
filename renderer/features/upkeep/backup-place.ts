// A place for backups as its form holds it, and as the services take it. Pure.
import type { BackupPlaceDraft } from '../../../api/console/index.ts';

export interface PlaceFields {
  kind: BackupPlaceDraft['kind'];
  folder: string;
  machine: string;
  endpoint: string;
  bucket: string;
  prefix: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/** The form as it opens: backups lie on a master. */
export function emptyPlace(): PlaceFields {
  const s3 = { endpoint: '', bucket: '', prefix: '', region: '', accessKeyId: '', secretAccessKey: '' };
  return { kind: 'machine', folder: '', machine: '', ...s3 };
}

/** The place; undefined while something is missing. */
export function placeDraft(fields: PlaceFields): BackupPlaceDraft | undefined {
  const { kind, folder, machine, endpoint, bucket, prefix, region, accessKeyId, secretAccessKey } = fields;
  if (kind === 'folder') return folder.trim() === '' ? undefined : { kind, folder: folder.trim() };
  if (kind === 'machine') return machine === '' ? undefined : { kind, machine };
  if ([endpoint, bucket, accessKeyId, secretAccessKey].includes('')) return undefined;
  return {
    kind,
    endpoint,
    bucket,
    prefix: prefix || undefined,
    region: region || undefined,
    accessKeyId,
    secretAccessKey,
  };
}
