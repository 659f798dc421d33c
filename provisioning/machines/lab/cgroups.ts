// One cgroup per lab machine in every hierarchy of this computer, cgroup v1 or v2: it is the machine's identity here. A
// process that is in it belongs to the machine, so a machine can be ended completely even when its keeper was killed.
import { existsSync } from 'node:fs';
import { readdir, readFile, rmdir, writeFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../../machinery/clock.ts';

/** Mount points of all cgroup hierarchies. */
async function hierarchies(): Promise<string[]> {
  const mounts = await readFile('/proc/self/mounts', 'utf8');
  return mounts.split('\n').flatMap((line) => {
    const [, target, type] = line.split(' ');
    return target?.startsWith('/sys/fs/cgroup') === true && (type === 'cgroup' || type === 'cgroup2') ? [target] : [];
  });
}

/** Makes the cgroups; resolves with the files to write a process id to. */
export async function makeCgroups(id: string): Promise<string[]> {
  const folders = (await hierarchies()).map((hierarchy) => ({ hierarchy, folder: join(hierarchy, id) }));
  for (const { hierarchy, folder } of folders) {
    await mkdir(folder, { recursive: true });
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      // cgroup v1 refuses processes in a cpuset without processors.
      if (
        existsSync(join(folder, file)) &&
        existsSync(join(hierarchy, file)) &&
        !existsSync(join(folder, 'cgroup.controllers'))
      ) {
        await writeFile(join(folder, file), await readFile(join(hierarchy, file), 'utf8'));
      }
    }
  }
  return folders.map(({ folder }) => join(folder, 'cgroup.procs'));
}

/** Ids of all processes in the machine's cgroups and below. */
export async function processesIn(id: string): Promise<number[]> {
  const found = new Set<number>();
  for (const folder of await foldersOf(id)) {
    const procs = await readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => '');
    for (const line of procs.split('\n')) if (line !== '') found.add(Number(line));
  }
  return [...found];
}

/** Kills every process of the machine and removes its cgroups. */
export async function removeCgroups(id: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const processes = await processesIn(id);
    if (processes.length === 0) break;
    for (const pid of processes) tryKill(pid);
    await systemClock.sleep(50);
  }
  for (let attempt = 0; attempt < 40; attempt += 1) {
    let remaining = 0;
    for (const folder of (await foldersOf(id)).reverse()) {
      await rmdir(folder).catch(() => (remaining += 1)); // busy until the kernel has reaped its last process
    }
    if (remaining === 0) return;
    await systemClock.sleep(50);
  }
}

/** All cgroup folders of the machine, parents first. */
async function foldersOf(id: string): Promise<string[]> {
  const tops = (await hierarchies()).map((hierarchy) => join(hierarchy, id)).filter((folder) => existsSync(folder));
  const below = await Promise.all(
    tops.map(async (top) => {
      const entries = await readdir(top, { recursive: true, withFileTypes: true }).catch(() => []);
      return entries.filter((entry) => entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
    }),
  );
  return [...tops, ...below.flat()].sort((a, b) => a.split('/').length - b.split('/').length);
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
