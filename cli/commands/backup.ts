// `pilothouse backup create|list|prove|delete|schedule`: backups that are proved before they are called good.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { BackupPlace } from '../../provisioning/index.ts';
import { chooseCluster, type ClusterFlags, withClusterOptions, withProgress } from '../cluster-choice.ts';
import { formatTable, printJson, printLine } from '../output.ts';
import { commandError, sentence, tell } from '../text.ts';
import { askPassphrase } from '../passphrase.ts';

/** Where backups are, as flags. */
export interface PlaceFlags {
  readonly at?: string;
  readonly s3Endpoint?: string;
  readonly s3Region?: string;
  readonly passphraseFile?: string;
}

interface BackupFlags extends ClusterFlags, PlaceFlags {
  readonly keep?: number;
  readonly keepDays?: number;
  readonly newRecoveryKey?: boolean;
  readonly cron?: string;
  readonly off?: boolean;
}

function parseWhole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('a whole number from 1 is expected.');
  return value;
}

/** Adds the options that say where backups are and what opens them. */
export function withPlaceOptions(command: Command): Command {
  return command
    .option('--at <place>', 'a folder, machine:NAME[:FOLDER], or s3://BUCKET/PREFIX (default ~/pilothouse-backups)')
    .option(
      '--s3-endpoint <url>',
      'the S3-compatible store; its keys come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY',
    )
    .option('--s3-region <region>', 'its region', 'us-east-1')
    .option('--passphrase-file <file>', 'file with the passphrase (else PILOTHOUSE_PASSPHRASE, else asked)');
}

/** The place that the flags mean. */
export async function placeOf(flags: PlaceFlags): Promise<BackupPlace> {
  const { parsePlace } = await import('../../provisioning/index.ts');
  const { env } = process;
  return parsePlace(flags.at ?? join(homedir(), 'pilothouse-backups'), {
    endpoint: flags.s3Endpoint ?? env['AWS_ENDPOINT_URL_S3'] ?? env['AWS_ENDPOINT_URL'],
    region: flags.s3Region,
    accessKeyId: env['AWS_ACCESS_KEY_ID'],
    secretAccessKey: env['AWS_SECRET_ACCESS_KEY'],
    sessionToken: env['AWS_SESSION_TOKEN'],
  });
}

/** "3 min ago" of a time in the past. */
export function ago(atMs: number, nowMs: number = Date.now()): string {
  const minutes = Math.round((nowMs - atMs) / 60_000);
  if (minutes < 1) return sentence('ago.now');
  if (minutes < 60) return sentence('ago.minutes', { count: minutes });
  const hours = Math.round(minutes / 60);
  return hours < 48 ? sentence('ago.hours', { count: hours }) : sentence('ago.days', { count: Math.round(hours / 24) });
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

async function create(flags: BackupFlags): Promise<void> {
  const { createBackup, newPassphrase } = await import('../../provisioning/index.ts');
  const spec = await chooseCluster(flags);
  const place = await placeOf(flags);
  const passphrase =
    flags.newRecoveryKey === true
      ? newPassphrase()
      : await askPassphrase({ file: flags.passphraseFile, confirm: true });
  const keep = flags.keep === undefined ? undefined : { count: flags.keep, days: flags.keepDays };
  const made = await withProgress((options) => createBackup(spec, { ...options, place, passphrase, keep }));
  const recoveryKey = flags.newRecoveryKey === true ? passphrase : undefined;
  if (flags.json === true) return printJson({ ...made, recoveryKey });
  const { proof, backup } = made;
  printLine(`${backup.name}  ${megabytes(backup.bytes)}`);
  tell('backup.proved', { objects: proof.objects.toLocaleString('en'), revision: proof.revision });
  for (const name of made.retired) tell('backup.deleted', { name });
  if (recoveryKey !== undefined) tell('backup.key', { key: recoveryKey });
}

async function list(flags: BackupFlags): Promise<void> {
  const { listBackups } = await import('../../provisioning/index.ts');
  const spec = await chooseCluster(flags);
  const place = await placeOf(flags);
  const backups = await withProgress((options) => listBackups(spec, { ...options, place }));
  if (flags.json === true) return printJson({ backups });
  if (backups.length === 0) return tell('backup.none');
  const rows = backups.map(({ name, createdAtMs, bytes, proof }) => [
    name,
    ago(createdAtMs),
    megabytes(bytes),
    proof === undefined
      ? sentence('backup.unproved')
      : sentence('backup.provedAgo', {
          ago: ago(Date.parse(proof.provedAt)),
          objects: proof.objects.toLocaleString('en'),
        }),
  ]);
  printLine(
    formatTable(
      [sentence('table.backup'), sentence('table.made'), sentence('table.size'), sentence('table.proof')],
      rows,
    ),
  );
}

async function prove(name: string, flags: BackupFlags): Promise<void> {
  const { proveBackup } = await import('../../provisioning/index.ts');
  const spec = await chooseCluster(flags);
  const place = await placeOf(flags);
  const passphrase = await askPassphrase({ file: flags.passphraseFile });
  const proof = await withProgress((options) => proveBackup(spec, name, { ...options, place, passphrase }));
  if (flags.json === true) printJson({ name, proof });
  else tell('backup.proved', { objects: proof.objects.toLocaleString('en'), revision: proof.revision });
}

async function remove(name: string, flags: BackupFlags): Promise<void> {
  const { deleteBackup } = await import('../../provisioning/index.ts');
  const spec = await chooseCluster(flags);
  const place = await placeOf(flags);
  await withProgress((options) => deleteBackup(spec, name, { ...options, place }));
  if (flags.json === true) printJson({ deleted: name });
  else tell('backup.deleted', { name });
}

async function schedule(flags: BackupFlags): Promise<void> {
  const { readBackupSchedule, removeBackupSchedule, setBackupSchedule } = await import('../../provisioning/index.ts');
  const spec = await chooseCluster(flags);
  if (flags.off === true) {
    await withProgress((options) => removeBackupSchedule(spec, options));
  } else if (flags.cron !== undefined) {
    const place = flags.at === undefined ? ({ kind: 'machines' } as const) : await scheduledPlace(flags);
    const passphrase = await askPassphrase({ file: flags.passphraseFile, confirm: true });
    const { cron, keep = 14, keepDays: days } = flags;
    await withProgress((options) =>
      setBackupSchedule(spec, { ...options, cron, place, keep: { count: keep, days }, passphrase }),
    );
  }
  const found = await withProgress((options) => readBackupSchedule(spec, options));
  if (flags.json === true) return printJson(found);
  if (found.schedule === undefined) return tell('backup.noSchedule');
  const { cron, place: at, keep: kept } = found.schedule;
  tell('backup.schedule', { cron, place: at, count: kept.count });
  for (const { master, lastProvedAt, objects, error } of found.status) {
    const proved =
      lastProvedAt === undefined
        ? sentence('backup.noneProvedYet')
        : sentence('backup.lastProved', { ago: ago(Date.parse(lastProvedAt)), objects: objects ?? 0 });
    printLine(`${master}  ${proved}${error === undefined ? '' : `  ${sentence('backup.lastFailure', { error })}`}`);
  }
}

/** Machines make scheduled backups, so a folder of this computer cannot be the place. */
async function scheduledPlace(flags: BackupFlags): Promise<Extract<BackupPlace, { kind: 's3' }>> {
  const place = await placeOf(flags);
  if (place.kind === 's3') return place;
  throw commandError('backup.byMasters');
}

/** Adds `backup` with its verbs. */
export function addBackupCommand(program: Command): void {
  const backup = program.command('backup').description('make, prove, list and delete backups of a cluster’s state');
  const verb = (name: string, description: string): Command =>
    withPlaceOptions(withClusterOptions(backup.command(name).description(description)));
  const keeping = (command: Command): Command =>
    command
      .option('--keep <n>', 'keep at least this many, delete older ones', parseWhole)
      .option('--keep-days <n>', 'beyond that number, keep those younger than this', parseWhole);
  keeping(verb('create', 'make a backup, store it and prove it by restoring it into a throw-away etcd'))
    .option('--new-recovery-key', 'make a recovery key that nobody can guess, and show it once')
    .action(create);
  verb('list', 'show the backups at a place and which are proved').action(list);
  verb('prove', 'restore a stored backup into a throw-away etcd and compare it object by object')
    .argument('<name>')
    .action(prove);
  verb('delete', 'delete a backup').argument('<name>').action(remove);
  keeping(
    verb('schedule', 'let the masters make backups with every console closed; shows the schedule when nothing is set'),
  )
    .option('--cron <expression>', 'when, as a cron expression in UTC, e.g. "0 */6 * * *"')
    .option('--off', 'end the schedule; backups stay')
    .action(schedule);
}
