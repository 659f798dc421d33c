// The machine's devices, as a privileged container sees them.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerConfig } from '../container-runtime.ts';

/** Every container has its own of these. */
const own = new Set(['pts', 'shm', 'fd', 'mqueue', 'console']);

/** All block and character devices under the folder. */
export async function hostDevices(folder = '/dev'): Promise<ContainerConfig['devices']> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []); // it went away meanwhile
  const found = await Promise.all(
    entries
      .filter(({ name }) => !own.has(name))
      .map(async (entry) => {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) return hostDevices(path);
        if (!entry.isBlockDevice() && !entry.isCharacterDevice()) return [];
        return [{ source: path, target: path, permissions: 'rwm' }];
      }),
  );
  return found.flat();
}
