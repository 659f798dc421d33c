// Writes a payload so that readers see all of the old files or all of the new ones, never a mix: files live in a
// timestamped folder, `..data` links to it and is replaced by one rename, and each name at the top links through `..data`.
// Upstream's layout (pkg/volume/util/atomic_writer.go), on which applications rely for watching changes.
import { randomBytes } from 'node:crypto';
import {
  chmod,
  chown,
  lstat,
  mkdir,
  readFile,
  readdir,
  readlink,
  rename,
  rm,
  symlink,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Payload } from './payload.ts';

const dataLink = '..data';
const newDataLink = '..data_tmp';

/** Brings the folder to the payload. Answers whether anything changed. Idempotent. */
export async function writePayload(folder: string, payload: Payload, group?: number, owner?: number): Promise<boolean> {
  await mkdir(folder, { recursive: true, mode: 0o755 });
  const current = await readlink(join(folder, dataLink)).catch(() => undefined);
  if (current !== undefined && (await holds(join(folder, current), payload))) return false;
  const version = `..${new Date().toISOString().replace(/[-:TZ]/g, '_')}${randomBytes(4).toString('hex')}`;
  for (const [path, { data, mode }] of payload) {
    const target = join(folder, version, path);
    await mkdir(dirname(target), { recursive: true, mode: 0o755 });
    await writeFile(target, data, { mode });
    await setMode(target, mode, group, owner);
  }
  await mkdir(join(folder, version), { recursive: true });
  await chmod(join(folder, version), 0o755);
  await rm(join(folder, newDataLink), { force: true });
  await symlink(version, join(folder, newDataLink));
  await rename(join(folder, newDataLink), join(folder, dataLink));
  await linkNames(folder, payload);
  if (current !== undefined) await rm(join(folder, current), { recursive: true, force: true });
  return true;
}

async function setMode(
  target: string,
  mode: number,
  group: number | undefined,
  owner: number | undefined,
): Promise<void> {
  if (group !== undefined || owner !== undefined) await chown(target, owner ?? 0, group ?? 0);
  // A group that owns the file may read it; the umask must not take away what was asked for.
  await chmod(target, group === undefined ? mode : mode | 0o440);
}

async function linkNames(folder: string, payload: Payload): Promise<void> {
  const names = new Set([...payload.keys()].map((path) => path.split('/')[0] ?? path));
  for (const name of names) {
    const target = join(folder, name);
    const existing = await lstat(target).catch(() => undefined);
    if (existing === undefined) await symlink(join(dataLink, name), target);
  }
  for (const name of await readdir(folder)) {
    if (!name.startsWith('..') && !names.has(name)) await unlink(join(folder, name));
  }
}

async function holds(folder: string, payload: Payload): Promise<boolean> {
  const present = await filesUnder(folder);
  if (present.length !== payload.size) return false;
  for (const path of present) {
    const wanted = payload.get(path);
    if (wanted === undefined || !(await readFile(join(folder, path))).equals(wanted.data)) return false;
  }
  return true;
}

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}
