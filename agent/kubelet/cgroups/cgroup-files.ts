// Control groups by their files, version 1 or 2, for an Engine with the cgroupfs driver. What does not exist is made;
// a setting that the kernel refuses rejects with the file's name.
import { mkdir, readdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { quotaPeriodMicros } from '../containers/resources.ts';
import type { CgroupTree } from './cgroup-tree.ts';
import type { CgroupLimits, CgroupPath } from './plan-pod-cgroup.ts';

const mount = '/sys/fs/cgroup';
const unlimited = -1;
/** A container that has just ended may hold its group for a moment. */
const removals = { tries: 20, pauseMs: 50 } as const;

/** A setting: controller (version 1 only), file, value. */
type Setting = readonly [controller: string, file: string, value: string];

/** What version 1 is told. Pure. */
export function settingsOfVersion1(limits: CgroupLimits): Setting[] {
  const { cpuShares, cpuQuotaMicros = unlimited, memoryBytes = unlimited, pids } = limits;
  return [
    ...(cpuShares === undefined ? [] : [['cpu', 'cpu.shares', String(cpuShares)] as const]),
    ['cpu', 'cpu.cfs_period_us', String(quotaPeriodMicros)],
    ['cpu', 'cpu.cfs_quota_us', String(cpuQuotaMicros)],
    ['memory', 'memory.limit_in_bytes', String(memoryBytes)],
    ['pids', 'pids.max', pids === undefined ? 'max' : String(pids)],
  ];
}

/** What version 2 is told. Pure. */
export function settingsOfVersion2(limits: CgroupLimits): Setting[] {
  const { cpuShares, cpuQuotaMicros, memoryBytes, pids } = limits;
  const [quota, memory] = [cpuQuotaMicros ?? 'max', memoryBytes ?? 'max'];
  return [
    ...(cpuShares === undefined ? [] : [['', 'cpu.weight', String(weightOf(cpuShares))] as const]),
    ['', 'cpu.max', `${quota} ${quotaPeriodMicros}`],
    ['', 'memory.max', String(memory)],
    ['', 'pids.max', String(pids ?? 'max')],
  ];
}

/** Shares of version 1 on the scale of version 2, as runc converts them. */
export function weightOf(cpuShares: number): number {
  return 1 + Math.trunc(((cpuShares - 2) * 9999) / 262_142);
}

export function createCgroupFiles(version: 1 | 2): CgroupTree {
  const folders = async (path: CgroupPath): Promise<string[]> => {
    if (version === 2) return [join(mount, ...path)];
    return (await readdir(mount)).map((controller) => join(mount, controller, ...path));
  };
  const make = async (path: CgroupPath): Promise<void> => {
    if (version === 1) {
      for (const controller of ['cpu', 'memory', 'pids'])
        await mkdir(join(mount, controller, ...path), { recursive: true });
      return;
    }
    for (let depth = 0; depth <= path.length; depth++) {
      const folder = join(mount, ...path.slice(0, depth));
      if (depth > 0) await mkdir(folder, { recursive: true });
      // A machine that is itself a container may not have them all.
      for (const controller of ['cpu', 'memory', 'pids', 'cpuset', 'io'])
        await writeFile(join(folder, 'cgroup.subtree_control'), `+${controller}`).catch(() => undefined);
    }
  };
  const removeFolder = async (folder: string): Promise<void> => {
    for (let tries: number = removals.tries; ; tries--) {
      try {
        return await rmdir(folder);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EROFS') return;
        if (code !== 'EBUSY' || tries === 0) throw error;
        await new Promise((resolve) => setTimeout(resolve, removals.pauseMs));
      }
    }
  };

  return {
    parentOf: (path) => `/${path.join('/')}`,
    async write(path, limits) {
      await make(path);
      const settings = version === 1 ? settingsOfVersion1(limits) : settingsOfVersion2(limits);
      for (const [controller, file, value] of settings) {
        const target = join(mount, ...(version === 1 ? [controller] : []), ...path, file);
        await writeFile(target, value).catch((error: Error) => {
          throw new Error(`${target}: ${value}: ${error.message}`, { cause: error });
        });
      }
    },
    async remove(path) {
      await Promise.all((await folders(path)).map(removeFolder));
    },
  };
}
