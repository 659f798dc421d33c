// A folder on one of the machines as a place for backups.
import { BackupError, type BackupTarget } from '../../machinery/backup/index.ts';
import type { Transport } from '../transport/contract.ts';
import { quote } from '../transport/shell.ts';
import { fetchFile } from './fetch-file.ts';

/** Where scheduled backups of masters lie, too. */
export const machineBackupFolder = '/var/lib/pilothouse/backups';

/** The place `folder` on an open machine. */
export function machineTarget(machine: Transport, folder: string = machineBackupFolder): BackupTarget {
  const at = (name: string): string => `${folder}/${name}`;
  const guard = async <T>(doing: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      signal?.throwIfAborted();
      throw new BackupError('storage', `${doing} on ${machine.machine}: ${(cause as Error).message}`, cause);
    }
  };
  const exists = async (name: string): Promise<boolean> => (await machine.exec(`[ -f ${quote(at(name))} ]`)).code === 0;
  return {
    place: `${machine.machine}:${folder}`,
    list: (signal) =>
      guard(
        `listing ${folder}`,
        async () => {
          const script = `mkdir -p -m 700 ${quote(folder)} && find ${quote(folder)} -maxdepth 1 -type f ! -name '*.unfinished' -printf '%s %T@ %f\\n'`;
          const lines = (await machine.run(script, { signal })).split('\n').filter(Boolean);
          return lines.map((line) => {
            const [bytes = '', seconds = '', ...name] = line.split(' ');
            return { name: name.join(' '), bytes: Number(bytes), modifiedAtMs: Number(seconds) * 1000 };
          });
        },
        signal,
      ),
    put: (name, localPath, signal) =>
      guard(
        `writing ${at(name)}`,
        async () => {
          await machine.run(`mkdir -p -m 700 ${quote(folder)}`, { signal });
          await machine.upload(localPath, at(name), { mode: 0o600, signal });
        },
        signal,
      ),
    async get(name, localPath, signal) {
      if (!(await exists(name))) throw new BackupError('absent', `there is no ${at(name)} on ${machine.machine}`);
      await guard(`reading ${at(name)}`, () => fetchFile(machine, at(name), localPath, { signal }), signal);
    },
    readText: (name, signal) => guard(`reading ${at(name)}`, () => machine.readFile(at(name)), signal),
    writeText: (name, text, signal) =>
      guard(`writing ${at(name)}`, () => machine.writeFile(at(name), text, { mode: 0o600, signal }), signal),
    delete: (name, signal) =>
      guard(
        `deleting ${at(name)}`,
        async () => {
          await machine.run(`rm -f ${quote(at(name))}`, { signal });
        },
        signal,
      ),
  };
}
