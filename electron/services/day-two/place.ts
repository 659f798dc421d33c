// A place for backups from a page's form: checked, and turned into what provisioning knows.
import { z } from 'zod';
import type { BackupPlaceDraft } from '../../../api/console/index.ts';
import type { BackupPlace } from '../../../provisioning/index.ts';

const text = z.string().max(2000);

export const placeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('folder'), folder: text.min(1) }),
  z.strictObject({ kind: z.literal('machine'), machine: z.string().regex(/^[a-z0-9-]+$/) }),
  z.strictObject({
    kind: z.literal('s3'),
    endpoint: z.url({ protocol: /^https?$/ }),
    bucket: text.min(1),
    prefix: text.optional(),
    region: text.optional(),
    accessKeyId: text.min(1),
    secretAccessKey: text.min(1),
  }),
]);

/** Throws ProvisioningError `BackupPlace` for a bucket that cannot be one. */
export async function placeOf(draft: BackupPlaceDraft): Promise<BackupPlace> {
  const { parsePlace } = await import('../../../provisioning/index.ts');
  if (draft.kind === 'folder') return { kind: 'folder', folder: draft.folder };
  if (draft.kind === 'machine') return { kind: 'machine', machine: draft.machine };
  const { bucket, prefix = '', kind: _kind, ...access } = draft;
  return parsePlace(`s3://${bucket}/${prefix.replace(/^\/+|\/+$/g, '')}`, access);
}
