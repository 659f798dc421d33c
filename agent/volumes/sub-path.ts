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
  const inside = relative(root, resolved);
  if (inside === '..' || inside.startsWith('../')) {
    throw new ConfigurationError(`failed to prepare subPath: ${subPath} leads out of the volume`);
  }
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

/** Makes missing directories, each inside the one that was just opened, following no link that leads out. */
async function makeInside(root: string, subPath: string): Promise<void> {
  let folder = root;
  for (const part of subPath.split('/').filter((name) => name !== '' && name !== '.')) {
    const next = join(folder, part);
    const existing = await realpath(next).catch(() => undefined);
    if (existing === undefined) {
      await mkdir(next).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST')
          throw new ConfigurationError(`failed to prepare subPath ${subPath}: ${error.message}`);
      });
      await chmod(next, 0o750 | ((await open(folder).then(modeAndClose)) & 0o7777));
    }
    folder = existing ?? next;
    const inside = relative(root, folder);
    if (inside === '..' || inside.startsWith('../')) {
      throw new ConfigurationError(`failed to prepare subPath: ${subPath} leads out of the volume`);
    }
  }
}

async function modeAndClose(handle: FileHandle): Promise<number> {
  try {
    return (await handle.stat()).mode;
  } finally {
    await handle.close();
  }
}
