// The schedule by which masters make backups with every console closed. It lives in the cluster, as the Secret
// kube-system/pilothouse-backup (S3 keys may be in it; what opens backups is not); what came of it is in the ConfigMap
// kube-system/pilothouse-backup-status, one key per master.
import { Cron } from 'croner';
import { z } from 'zod';
import { recoveryKeySchema, type Retention, s3Schema, type S3Options } from '../../machinery/backup/index.ts';
import type { ClusterSpec, RunOptions } from '../contract.ts';
import { ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';
import { clusterPaths } from '../paths.ts';
import { adminClient } from '../run/api.ts';
import { deleteObject, readObject, writeObject } from '../run/cluster-objects.ts';
import { ensureRecoveryKey } from './key-file.ts';
import { translated } from './translate.ts';

const secretPath = '/api/v1/namespaces/kube-system/secrets';
const statusPath = '/api/v1/namespaces/kube-system/configmaps/pilothouse-backup-status';
const name = 'pilothouse-backup';

export type ScheduledPlace = { readonly kind: 'machines' } | { readonly kind: 's3'; readonly s3: S3Options };

/** As it is kept in the Secret under `schedule.json`; control-plane/upkeep reads the same. */
const scheduleSchema = z.object({
  cluster: z.string(),
  cron: z.string(),
  keep: z.object({ count: z.number(), days: z.number().optional() }),
  s3: s3Schema.optional(),
  recoveryKey: recoveryKeySchema,
});

export interface SetScheduleOptions extends RunOptions {
  readonly cron: string;
  readonly place: ScheduledPlace;
  readonly keep: Retention;
  readonly passphrase: string;
}

export interface BackupSchedule {
  readonly cron: string;
  readonly place: string;
  readonly keep: Retention;
  readonly nextAt?: string;
}

export interface ScheduleStatus {
  readonly master: string;
  readonly lastStartedAt?: string;
  readonly lastProvedAt?: string;
  readonly lastName?: string;
  readonly objects?: number;
  /** Why the last one failed; absent when it did not. */
  readonly error?: string;
}

/** Sets or replaces the schedule. Throws ProvisioningError `Schedule` for a cron expression that is none. */
export function setBackupSchedule(spec: ClusterSpec, options: SetScheduleOptions): Promise<void> {
  return translated(async () => {
    nextRun(options.cron);
    const { passphrase, cron, keep, place } = options;
    const recoveryKey = await ensureRecoveryKey(spec.name, passphrase, { home: options.home });
    const schedule = { cluster: spec.name, cron, keep, recoveryKey, ...(place.kind === 's3' && { s3: place.s3 }) };
    const client = await adminClient({ spec, paths: clusterPaths(spec.name, options.home) });
    try {
      const data = { 'schedule.json': Buffer.from(JSON.stringify(schedule)).toString('base64') };
      const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'kube-system' }, data };
      await writeObject(client, secretPath, secret, options.signal);
    } finally {
      client.close();
    }
  });
}

/** Ends the schedule; backups and their status stay. */
export async function removeBackupSchedule(spec: ClusterSpec, options: RunOptions = {}): Promise<void> {
  const client = await adminClient({ spec, paths: clusterPaths(spec.name, options.home) });
  try {
    await deleteObject(client, `${secretPath}/${name}`, options.signal);
  } finally {
    client.close();
  }
}

/** The schedule, and how it went on every master. */
export async function readBackupSchedule(
  spec: ClusterSpec,
  options: RunOptions = {},
): Promise<{ readonly schedule?: BackupSchedule; readonly status: readonly ScheduleStatus[] }> {
  const client = await adminClient({ spec, paths: clusterPaths(spec.name, options.home) });
  try {
    const secret = await readObject<{ data?: Record<string, string> }>(client, `${secretPath}/${name}`, options.signal);
    const map = await readObject<{ data?: Record<string, string> }>(client, statusPath, options.signal);
    const status = Object.entries(map?.data ?? {}).map(([master, json]) => {
      return { master, ...(JSON.parse(json) as Omit<ScheduleStatus, 'master'>) };
    });
    const encoded = secret?.data?.['schedule.json'];
    if (encoded === undefined) return { status };
    const { cron, keep, s3 } = scheduleSchema.parse(JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')));
    const place = s3 === undefined ? 'every master' : `s3://${s3.bucket}/${s3.prefix}`;
    return { schedule: { cron, place, keep, nextAt: nextRun(cron)?.toISOString() }, status };
  } finally {
    client.close();
  }
}

function nextRun(cron: string): Date | undefined {
  try {
    return new Cron(cron, { timezone: 'UTC' }).nextRun() ?? undefined;
  } catch (cause) {
    const remedy = text('error.schedule.remedy');
    throw new ProvisioningError('Schedule', text('error.schedule', { cron, reason: (cause as Error).message }), remedy);
  }
}
