// Backups by schedule, with every console closed. The schedule is the Secret kube-system/pilothouse-backup, which the
// administrator's console writes; it can seal backups and open none. Kept on machines, every master makes its own; kept
// in an S3-compatible store, the elected one makes them. Each is proved by restoring it before it counts, and what came
// of it is told in the ConfigMap kube-system/pilothouse-backup-status, one key per master.
import { Cron } from 'croner';
import { z } from 'zod';
import { folderTarget, makeBackup, recoveryKeySchema, s3Schema, s3Target } from '../../machinery/backup/index.ts';
import type { BackupSource, Prover } from '../../machinery/backup/index.ts';
import type { Clock } from '../../machinery/clock.ts';
import type { Logger } from '../../machinery/logger.ts';
import type { ClusterData } from './cluster-data.ts';

const lookMs = 20_000;
const failedAgainMs = 600_000;

export const scheduleName = 'pilothouse-backup';
export const statusName = 'pilothouse-backup-status';

const scheduleSchema = z.object({
  cluster: z.string(),
  cron: z.string(),
  keep: z.object({ count: z.int().min(1), days: z.number().optional() }),
  s3: s3Schema.optional(),
  recoveryKey: recoveryKeySchema,
});
export type BackupSchedule = z.infer<typeof scheduleSchema>;

/** How the last scheduled backup of one master went. */
export interface BackupStatus {
  readonly lastStartedAt?: string;
  readonly lastProvedAt?: string;
  readonly lastName?: string;
  readonly objects?: number;
  readonly error?: string;
}

export interface ScheduledBackupsOptions {
  readonly data: ClusterData;
  readonly source: Omit<BackupSource, 'cluster'>;
  readonly prover: Prover;
  /** This master's name in the status. */
  readonly master: string;
  readonly isElected: () => boolean;
  readonly folder: string;
  readonly workDir: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** When the next backup is due, from the last start or, before the first, from when the schedule was set. Pure. */
export function dueAtMs(schedule: BackupSchedule, setAtMs: number, status: BackupStatus): number | undefined {
  const last = status.lastStartedAt === undefined ? setAtMs : Math.max(Date.parse(status.lastStartedAt), setAtMs);
  const next = new Cron(schedule.cron, { timezone: 'UTC' }).nextRun(new Date(last))?.getTime();
  // One that failed is tried again sooner than the schedule says.
  return status.error === undefined || next === undefined ? next : Math.min(next, last + failedAgainMs);
}

/** The schedule as the Secret holds it; undefined when there is none, or none that can be read. */
export async function readSchedule(
  data: ClusterData,
  signal: AbortSignal,
): Promise<{ readonly schedule: BackupSchedule; readonly setAtMs: number } | undefined> {
  const secret = await data.readSecret(scheduleName, signal);
  const text = secret?.data['schedule.json'];
  const parsed = text === undefined ? undefined : scheduleSchema.safeParse(JSON.parse(text));
  return secret && parsed?.success ? { schedule: parsed.data, setAtMs: secret.createdAtMs } : undefined;
}

/** Runs until the signal aborts. */
export async function runScheduledBackups(options: ScheduledBackupsOptions): Promise<void> {
  const { clock, logger, signal } = options;
  while (!signal.aborted) {
    try {
      await makeDueBackup(options);
    } catch (err) {
      if (!signal.aborted) logger.warn({ err }, 'looking after scheduled backups; trying again');
    }
    await clock.sleep(lookMs, signal);
  }
}

async function makeDueBackup(options: ScheduledBackupsOptions): Promise<void> {
  const { data, master, clock, logger, signal } = options;
  const found = await readSchedule(data, signal);
  if (found === undefined) return;
  const { schedule, setAtMs } = found;
  const key = schedule.s3 === undefined ? master : 's3';
  if (schedule.s3 !== undefined && !options.isElected()) return;
  const statuses = await data.readConfigMap(statusName, signal);
  const before = parseStatus(statuses?.[key]);
  const dueMs = dueAtMs(schedule, setAtMs, before);
  if (dueMs === undefined || dueMs > clock.now()) return;
  const lastStartedAt = new Date(clock.now()).toISOString();
  const write = (status: BackupStatus): Promise<void> =>
    data.patchConfigMap(statusName, { [key]: JSON.stringify(status) }, signal);
  await write({ ...before, lastStartedAt });
  try {
    const made = await makeBackup({
      source: { ...options.source, cluster: schedule.cluster },
      target: schedule.s3 === undefined ? folderTarget(options.folder) : s3Target(schedule.s3),
      recoveryKey: schedule.recoveryKey,
      prover: options.prover,
      keep: schedule.keep,
      workDir: options.workDir,
      now: () => clock.now(),
      signal,
    });
    const { proof } = made;
    const { name } = made.backup;
    await write({ lastStartedAt, lastProvedAt: proof.provedAt, lastName: name, objects: proof.objects });
    logger.info({ name, objects: proof.objects }, 'a scheduled backup was made and proved');
  } catch (error) {
    if (signal.aborted) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    logger.error({ err: error }, 'a scheduled backup failed');
    await write({ ...before, lastStartedAt, error: reason.slice(0, 500) });
  }
}

export function parseStatus(text: string | undefined): BackupStatus {
  try {
    return text === undefined ? {} : (JSON.parse(text) as BackupStatus);
  } catch {
    return {}; // written by hand: as if there were none
  }
}
