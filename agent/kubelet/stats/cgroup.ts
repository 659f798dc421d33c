// A container's figures straight from its control group, version 1 or 2: no question to Docker. Everything is optional,
// for a container may end while it is read.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';

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
export function readCgroup(pid: number): CgroupFigures | undefined {
  try {
    return figuresAt(placeOf(pid));
  } catch {
    return undefined; // it ended meanwhile
  }
}

export interface CgroupReader {
  /**
   * The figures of each process's control group, in the same order; undefined of those that are gone. Reads a few dozen
   * at a time, so that whatever else the agent has to do comes between.
   */
  readAll(processes: readonly { readonly id: string; readonly pid: number }[]): Promise<(CgroupFigures | undefined)[]>;
}

/** Remembers where the control groups of containers are: one never moves while its first process lives. */
export function createCgroupReader(): CgroupReader {
  let places = new Map<string, CgroupPlace | undefined>();

  const read = (key: string, pid: number): CgroupFigures | undefined => {
    try {
      const place = places.get(key) ?? placeOf(pid);
      places.set(key, place);
      return figuresAt(place);
    } catch {
      places.delete(key);
      return undefined; // it ended meanwhile
    }
  };

  return {
    async readAll(processes) {
      const keyed = processes.map(({ id, pid }) => ({ key: `${id}/${pid}`, pid }));
      places = new Map(keyed.flatMap(({ key }) => (places.has(key) ? [[key, places.get(key)]] : [])));
      const found: (CgroupFigures | undefined)[] = [];
      for (const [index, { key, pid }] of keyed.entries()) {
        if (index > 0 && index % readAtOnce === 0) await turn();
        found.push(read(key, pid));
      }
      return found;
    },
  };
}

/** A control group's files are read in about 50 µs, so this many keep the event loop for a millisecond. */
const readAtOnce = 20;

function placeOf(pid: number): CgroupPlace | undefined {
  return cgroupPlace(readFileSync(`/proc/${pid}/cgroup`, 'utf8'));
}

function figuresAt(place: CgroupPlace | undefined): CgroupFigures | undefined {
  if (place === undefined) return undefined;
  return place.version === 1 ? readVersion1(place) : readVersion2(place);
}

// These files are written by the kernel as they are read: waiting for a thread of the pool would cost several times more.

function readVersion1(place: CgroupPlace): CgroupFigures {
  const usage = readNumber(`${place.memory}/memory.usage_in_bytes`);
  const stat = readFileSync(`${place.memory}/memory.stat`, 'utf8');
  return {
    cpuNanos: readNumber(`${place.cpu}/cpuacct.usage`),
    memoryUsageBytes: usage,
    memoryWorkingSetBytes: Math.max(usage - statField(stat, 'total_inactive_file'), 0),
    memoryRssBytes: statField(stat, 'total_rss'),
    pageFaults: statField(stat, 'total_pgfault'),
    majorPageFaults: statField(stat, 'total_pgmajfault'),
    processes: countProcesses(place),
  };
}

function readVersion2(place: CgroupPlace): CgroupFigures {
  const usage = readNumber(`${place.memory}/memory.current`);
  const stat = readFileSync(`${place.memory}/memory.stat`, 'utf8');
  return {
    cpuNanos: statField(readFileSync(`${place.cpu}/cpu.stat`, 'utf8'), 'usage_usec') * 1000,
    memoryUsageBytes: usage,
    memoryWorkingSetBytes: Math.max(usage - statField(stat, 'inactive_file'), 0),
    memoryRssBytes: statField(stat, 'anon'),
    pageFaults: statField(stat, 'pgfault'),
    majorPageFaults: statField(stat, 'pgmajfault'),
    processes: countProcesses(place),
  };
}

/** 0 where the kernel does not count them. */
function countProcesses({ pids }: CgroupPlace): number {
  try {
    return readNumber(`${pids}/pids.current`);
  } catch {
    return 0;
  }
}

function readNumber(path: string): number {
  return Number(readFileSync(path, 'utf8'));
}

/** The number after a name at the beginning of a line; 0 where there is no such line. Pure. */
export function statField(stat: string, name: string): number {
  const label = `${name} `;
  const lineEnd = stat.startsWith(label) ? -1 : stat.indexOf(`\n${label}`);
  if (lineEnd < 0 && !stat.startsWith(label)) return 0;
  return Number.parseInt(stat.slice(lineEnd + 1 + label.length), 10);
}
