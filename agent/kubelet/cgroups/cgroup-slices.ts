// Control groups as slices of systemd, for an Engine with the systemd driver: systemd alone may write there, so it is told
// by its own program, until the next boot.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { quotaPeriodMicros } from '../containers/resources.ts';
import type { CgroupTree } from './cgroup-tree.ts';
import { weightOf } from './cgroup-files.ts';
import type { CgroupLimits, CgroupPath } from './plan-pod-cgroup.ts';

const run = promisify(execFile);
const limits = { timeout: 30_000, killSignal: 'SIGKILL' } as const;

/** `kubepods`, `burstable`, `podUID` → `kubepods-burstable-podUID.slice`; a dash in a part would be another level. Pure. */
export function sliceName(path: CgroupPath): string {
  return `${path.map((part) => part.replaceAll('-', '_')).join('-')}.slice`;
}

/** The slice's properties. Pure. */
export function sliceProperties({ cpuShares, cpuQuotaMicros, memoryBytes, pids }: CgroupLimits): string[] {
  const percent = cpuQuotaMicros === undefined ? '' : `${(cpuQuotaMicros * 100) / quotaPeriodMicros}%`;
  return [
    ...(cpuShares === undefined ? [] : [`CPUWeight=${weightOf(cpuShares)}`]),
    `CPUQuota=${percent}`,
    `MemoryMax=${memoryBytes ?? 'infinity'}`,
    `TasksMax=${pids ?? 'infinity'}`,
  ];
}

export function createCgroupSlices(): CgroupTree {
  return {
    parentOf: sliceName,
    async write(path, wanted) {
      const name = sliceName(path);
      await run('systemctl', ['set-property', '--runtime', '--', name, ...sliceProperties(wanted)], limits);
      await run('systemctl', ['start', '--', name], limits);
    },
    async remove(path) {
      const name = sliceName(path);
      const { stdout } = await run('systemctl', ['show', '--property=ActiveState', '--value', '--', name], limits);
      if (stdout.trim() === 'inactive') return;
      await run('systemctl', ['stop', '--', name], limits);
      await run('systemctl', ['revert', '--', name], limits);
    },
  };
}
