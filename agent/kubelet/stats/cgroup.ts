// A container's figures straight from its control group, version 1 or 2: no question to Docker. Everything is optional,
// for a container may end while it is read.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface CgroupFigures {
  readonly cpuNanos: number;
  readonly memoryUsageBytes: number;
  /** Usage without the page cache that could be dropped: what eviction and `kubectl top` count. */
  readonly memoryWorkingSetBytes: number;
  readonly memoryRssBytes: number;
  readonly pageFaults: number;
  readonly majorPageFaults: number;
  readonly processes: number;
}

export interface CgroupPlace {
  readonly version: 1 | 2;
  readonly cpu: string;
  readonly memory: string;
  readonly pids: string;
}

const mount = '/sys/fs/cgroup';

/** Where the control groups of a process are, from its /proc/PID/cgroup. Pure. */
export function cgroupPlace(procCgroup: string): CgroupPlace | undefined {
  const lines = procCgroup.split('\n').map((line) => line.split(':'));
  const byController = (name: string): string | undefined =>
    lines.find(([, controllers]) => controllers?.split(',').includes(name))?.[2];
  const [cpu, memory, pids] = ['cpuacct', 'memory', 'pids'].map(byController);
  if (cpu !== undefined && memory !== undefined) {
    return {
      version: 1,
      cpu: join(mount, 'cpuacct', cpu),
      memory: join(mount, 'memory', memory),
      pids: join(mount, 'pids', pids ?? memory),
    };
  }
  const unified = lines.find(([id, controllers]) => id === '0' && controllers === '')?.[2];
  if (unified === undefined) return undefined;
  const path = join(mount, unified);
  return { version: 2, cpu: path, memory: path, pids: path };
}

/** The figures of the process's control group; undefined when it is gone. */
export async function readCgroup(pid: number): Promise<CgroupFigures | undefined> {
  try {
    const place = cgroupPlace(await readFile(`/proc/${pid}/cgroup`, 'utf8'));
    if (place === undefined) return undefined;
    return place.version === 1 ? await readVersion1(place) : await readVersion2(place);
  } catch {
    return undefined; // it ended meanwhile
  }
}

async function readVersion1(place: CgroupPlace): Promise<CgroupFigures> {
  const [cpu, usage, stat, pids] = await Promise.all([
    readNumber(join(place.cpu, 'cpuacct.usage')),
    readNumber(join(place.memory, 'memory.usage_in_bytes')),
    readTable(join(place.memory, 'memory.stat')),
    readNumber(join(place.pids, 'pids.current')).catch(() => 0),
  ]);
  return {
    cpuNanos: cpu,
    memoryUsageBytes: usage,
    memoryWorkingSetBytes: Math.max(usage - (stat['total_inactive_file'] ?? 0), 0),
    memoryRssBytes: stat['total_rss'] ?? 0,
    pageFaults: stat['total_pgfault'] ?? 0,
    majorPageFaults: stat['total_pgmajfault'] ?? 0,
    processes: pids,
  };
}

async function readVersion2(place: CgroupPlace): Promise<CgroupFigures> {
  const [cpu, usage, stat, pids] = await Promise.all([
    readTable(join(place.cpu, 'cpu.stat')),
    readNumber(join(place.memory, 'memory.current')),
    readTable(join(place.memory, 'memory.stat')),
    readNumber(join(place.pids, 'pids.current')).catch(() => 0),
  ]);
  return {
    cpuNanos: (cpu['usage_usec'] ?? 0) * 1000,
    memoryUsageBytes: usage,
    memoryWorkingSetBytes: Math.max(usage - (stat['inactive_file'] ?? 0), 0),
    memoryRssBytes: stat['anon'] ?? 0,
    pageFaults: stat['pgfault'] ?? 0,
    majorPageFaults: stat['pgmajfault'] ?? 0,
    processes: pids,
  };
}

async function readNumber(path: string): Promise<number> {
  return Number((await readFile(path, 'utf8')).trim());
}

async function readTable(path: string): Promise<Record<string, number>> {
  const lines = (await readFile(path, 'utf8')).split('\n').map((line) => line.split(' '));
  return Object.fromEntries(lines.map(([name = '', value]) => [name, Number(value)]));
}
