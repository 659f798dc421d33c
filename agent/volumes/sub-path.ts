// A path inside a volume, for mounting into a container, that cannot be led out of the volume by a planted symlink: the
// path is resolved, checked to be inside, opened component by component without following links, and what was opened (not
// its name) is bound to a place of the agent's own. Upstream's pkg/volume/util/subpath does the same.
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { chmod, mkdir, open, realpath } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { ConfigurationError } from '../kubelet/containers/environment.ts';
import { mountPoints } from './mounts.ts';

const run = promisify(execFile);
/** O_PATH is not in Node's constants; its value on every Linux architecture Node runs on but Alpha and SPARC. */
const openPath = 0o10000000;

/** Binds `volume/subPath` to `place` and answers `place`. With `mayCreate`, missing directories are made. */
export async function resolveSubPath(
  volume: string,
  subPath: string,
  place: string,
  mayCreate: boolean,
): Promise<string> {
  if (subPath.startsWith('/') || subPath.split('/').includes('..')) {
    throw new ConfigurationError(`subPath must be a relative path without "..": ${subPath}`);
  }
  if ((await mountPoints()).includes(place)) return place;
  const root = await realpath(volume);
  if (mayCreate) await makeInside(root, subPath);
  const resolved = await realpath(join(root, subPath)).catch(() => {
    throw new ConfigurationError(`failed to prepare subPath: ${subPath} does not exist in the volume`);
  });
  checkInside(root, resolved, subPath);
  const inside = relative(root, resolved);
  const handle = await openInside(root, inside === '' ? [] : inside.split('/'));
  try {
    const isDirectory = (await handle.stat()).isDirectory();
    await mkdir(isDirectory ? place : dirname(place), { recursive: true });
    if (!isDirectory) await (await open(place, 'a')).close();
    await run('mount', ['--no-canonicalize', '--bind', `/proc/${process.pid}/fd/${handle.fd}`, place]);
  } finally {
    await handle.close();
  }
  return place;
}

async function openInside(root: string, parts: readonly string[]): Promise<FileHandle> {
  let handle = await open(root, openPath | constants.O_NOFOLLOW);
  for (const part of parts) {
    const outer = handle;
    try {
      handle = await open(`/proc/self/fd/${outer.fd}/${part}`, openPath | constants.O_NOFOLLOW);
      if ((await handle.stat()).isSymbolicLink()) {
        await handle.close();
        throw new ConfigurationError('failed to prepare subPath: a symbolic link appeared while it was prepared');
      }
    } finally {
      await outer.close();
    }
  }
  return handle;
}

/**
 * Makes the missing directories of the path. What exists may hold links, as long as they stay inside; what is made is made
 * in the directory that was opened, whatever has taken its name meanwhile.
 */
async function makeInside(root: string, subPath: string): Promise<void> {
  const parts = subPath.split('/').filter((name) => name !== '' && name !== '.');
  let existing = root;
  while (parts.length > 0) {
    const next = await realpath(join(existing, parts[0] ?? '')).catch(() => undefined);
    if (next === undefined) break;
    checkInside(root, next, subPath);
    existing = next;
    parts.shift();
  }
  if (parts.length === 0) return;
  const inside = relative(root, existing);
  let handle = await openInside(root, inside === '' ? [] : inside.split('/'));
  try {
    for (const part of parts) {
      const mode = 0o750 | ((await handle.stat()).mode & 0o7777);
      const next = await makeIn(handle, part, subPath);
      await handle.close();
      handle = next;
      await chmod(`/proc/self/fd/${handle.fd}`, mode);
    }
  } finally {
    await handle.close();
  }
}

/** Makes one directory in an opened one, and opens it. A link that is there instead is refused. */
async function makeIn(folder: FileHandle, name: string, subPath: string): Promise<FileHandle> {
  const path = `/proc/self/fd/${folder.fd}/${name}`;
  await mkdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw refusal(subPath, error.message);
  });
  try {
    return await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch (error) {
    throw refusal(subPath, error instanceof Error ? error.message : String(error));
  }
}

function checkInside(root: string, path: string, subPath: string): void {
  const inside = relative(root, path);
  if (inside === '..' || inside.startsWith('../'))
    throw new ConfigurationError(`failed to prepare subPath: ${subPath} leads out of the volume`);
}

function refusal(subPath: string, why: string): ConfigurationError {
  return new ConfigurationError(`failed to prepare subPath ${subPath}: ${why}`);
}
