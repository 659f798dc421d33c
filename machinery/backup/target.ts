// Where backups are kept. A place knows files by name: whole or absent, listed, fetched, deleted. The proof of a backup is
// kept beside it, so that whoever lists the place sees what is proved.
import { copyFile, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BackupError } from './errors.ts';
import type { BackupProof } from './prove.ts';

export const backupSuffix = '.phbackup';
const proofSuffix = '.proof.json';

export interface StoredFile {
  readonly name: string;
  readonly bytes: number;
  readonly modifiedAtMs: number;
}

/** A place for files. Every method throws BackupError `storage` or `absent`. */
export interface BackupTarget {
  /** For people: a folder, an S3 URL, a machine and folder. */
  readonly place: string;
  list(signal?: AbortSignal): Promise<readonly StoredFile[]>;
  put(name: string, localPath: string, signal?: AbortSignal): Promise<void>;
  get(name: string, localPath: string, signal?: AbortSignal): Promise<void>;
  /** Small files, e.g. proofs; undefined when absent. */
  readText(name: string, signal?: AbortSignal): Promise<string | undefined>;
  writeText(name: string, text: string, signal?: AbortSignal): Promise<void>;
  /** Finds nothing to do when it is absent. */
  delete(name: string, signal?: AbortSignal): Promise<void>;
}

/** A backup as it is listed. */
export interface StoredBackup {
  readonly name: string;
  readonly cluster: string;
  readonly createdAtMs: number;
  readonly revision: number;
  readonly bytes: number;
  readonly proof?: BackupProof;
}

/** The file name of a backup: sorts by cluster and time, and says its revision. */
export function backupName(cluster: string, createdAtMs: number, revision: number): string {
  const time = new Date(createdAtMs).toISOString().replace(/[-:]|\.\d+/g, '');
  return `${cluster}-${time}-r${revision}${backupSuffix}`;
}

const namePattern = /^(.+)-(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z-r(\d+)\.phbackup$/;

/** Backups at a place, newest first, of one cluster or of all. */
export async function listBackups(
  target: BackupTarget,
  cluster?: string,
  signal?: AbortSignal,
): Promise<StoredBackup[]> {
  const files = await target.list(signal);
  const names = new Set(files.map(({ name }) => name));
  const found = files.flatMap((file) => {
    const [, of, year, month, day, hour, minute, second, revision] = namePattern.exec(file.name) ?? [];
    if (of === undefined || (cluster !== undefined && of !== cluster)) return [];
    const createdAtMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
    return [{ name: file.name, cluster: of, createdAtMs, revision: Number(revision), bytes: file.bytes }];
  });
  const withProofs = await Promise.all(
    found.map(async (backup): Promise<StoredBackup> => {
      const proof = names.has(`${backup.name}${proofSuffix}`)
        ? await readProof(target, backup.name, signal)
        : undefined;
      return proof === undefined ? backup : { ...backup, proof };
    }),
  );
  return withProofs.sort((a, b) => b.createdAtMs - a.createdAtMs || b.revision - a.revision);
}

async function readProof(target: BackupTarget, name: string, signal?: AbortSignal): Promise<BackupProof | undefined> {
  const text = await target.readText(`${name}${proofSuffix}`, signal);
  try {
    return text === undefined ? undefined : (JSON.parse(text) as BackupProof);
  } catch {
    return undefined; // a proof that cannot be read proves nothing
  }
}

export function writeProof(
  target: BackupTarget,
  name: string,
  proof: BackupProof,
  signal?: AbortSignal,
): Promise<void> {
  return target.writeText(`${name}${proofSuffix}`, `${JSON.stringify(proof)}\n`, signal);
}

/** A backup was found not to be restorable: it counts as proved no longer. */
export function withdrawProof(target: BackupTarget, name: string, signal?: AbortSignal): Promise<void> {
  return target.delete(`${name}${proofSuffix}`, signal);
}

/** Deletes a backup with its proof. */
export async function deleteBackup(target: BackupTarget, name: string, signal?: AbortSignal): Promise<void> {
  await target.delete(name, signal);
  await withdrawProof(target, name, signal);
}

export interface Retention {
  /** Keep at least this many. */
  readonly count: number;
  /** Beyond the count, keep what is younger than this. */
  readonly days?: number;
}

/** Which of one cluster's backups to delete. The newest proved one always stays. Pure. */
export function planRetention(backups: readonly StoredBackup[], keep: Retention, nowMs: number): StoredBackup[] {
  const newestFirst = [...backups].sort((a, b) => b.createdAtMs - a.createdAtMs || b.revision - a.revision);
  const newestProved = newestFirst.find(({ proof }) => proof !== undefined);
  const oldestMs = keep.days === undefined ? Infinity : nowMs - keep.days * 86_400_000;
  return newestFirst.filter(
    (backup, index) =>
      index >= Math.max(1, keep.count) && backup !== newestProved && backup.createdAtMs < Math.min(oldestMs, nowMs),
  );
}

/** A folder of this computer's file system. */
export function folderTarget(folder: string): BackupTarget {
  const guard = async <T>(doing: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      const isAbsent = (cause as NodeJS.ErrnoException).code === 'ENOENT';
      throw new BackupError(isAbsent ? 'absent' : 'storage', `${doing}: ${(cause as Error).message}`, cause);
    }
  };
  return {
    place: folder,
    list: () =>
      guard(`listing ${folder}`, async () => {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const names = (await readdir(folder)).filter((name) => !name.endsWith('.unfinished'));
        return Promise.all(
          names.map(async (name) => {
            const { size, mtimeMs } = await stat(join(folder, name));
            return { name, bytes: size, modifiedAtMs: mtimeMs };
          }),
        );
      }),
    put: (name, localPath) =>
      guard(`writing ${join(folder, name)}`, async () => {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const unfinished = join(folder, `${name}.unfinished`);
        try {
          await copyFile(localPath, unfinished);
          await rename(unfinished, join(folder, name));
        } finally {
          await rm(unfinished, { force: true });
        }
      }),
    get: (name, localPath) => guard(`reading ${join(folder, name)}`, () => copyFile(join(folder, name), localPath)),
    async readText(name) {
      try {
        return await readFile(join(folder, name), 'utf8');
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw new BackupError('storage', `reading ${join(folder, name)}: ${(cause as Error).message}`, cause);
      }
    },
    writeText: (name, text) =>
      guard(`writing ${join(folder, name)}`, async () => {
        await writeFile(join(folder, `${name}.unfinished`), text, { mode: 0o600 });
        await rename(join(folder, `${name}.unfinished`), join(folder, name));
      }),
    delete: (name) => guard(`deleting ${join(folder, name)}`, () => rm(join(folder, name), { force: true })),
  };
}
