// Checks a hostPath volume's type before anything is mounted, and makes what the type says may be made.
import { mkdir, open, stat } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { ConfigurationError } from '../kubelet/containers/environment.ts';

const checks: Readonly<Record<string, { is: (found: Stats) => boolean; what: string }>> = {
  Directory: { is: (found) => found.isDirectory(), what: 'a directory' },
  DirectoryOrCreate: { is: (found) => found.isDirectory(), what: 'a directory' },
  File: { is: (found) => found.isFile(), what: 'a file' },
  FileOrCreate: { is: (found) => found.isFile(), what: 'a file' },
  Socket: { is: (found) => found.isSocket(), what: 'a socket' },
  CharDevice: { is: (found) => found.isCharacterDevice(), what: 'a character device' },
  BlockDevice: { is: (found) => found.isBlockDevice(), what: 'a block device' },
};

/** Rejects when the path is not what the type demands. Without a type, a missing directory is made (as Docker did). */
export async function checkHostPath(path: string, type: string): Promise<void> {
  if (path.split('/').includes('..')) throw new ConfigurationError(`hostPath ${path} must not contain ".."`);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) {
    if (type === '' || type === 'DirectoryOrCreate') return void (await mkdir(path, { recursive: true, mode: 0o755 }));
    if (type === 'FileOrCreate') return (await open(path, 'a', 0o644)).close();
    throw new ConfigurationError(`hostPath type check failed: ${path} does not exist`);
  }
  const check = checks[type];
  if (check !== undefined && !check.is(found))
    throw new ConfigurationError(`hostPath type check failed: ${path} is not ${check.what}`);
}
