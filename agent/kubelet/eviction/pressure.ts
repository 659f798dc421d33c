// Where the node is short, now: each look reads memory, disks and process ids, remembers since when each threshold has been
// crossed, and answers the conditions to show and the thresholds to act on. A stepped clock ends no grace early, and no
// condition late.
import { readFile, stat } from 'node:fs/promises';
import type { Clock } from '../../../machinery/clock.ts';
import { diskFacts, memoryField } from '../node/machine-facts.ts';
import { isCrossed, resourceOf } from './thresholds.ts';
import type { EvictionSignal, Supply, Threshold } from './thresholds.ts';

export interface CrossedThreshold {
  readonly threshold: Threshold;
  readonly supply: Supply;
}

export interface Shortage {
  /** Conditions of the node; they last a while beyond their cause, so that they do not flap. */
  readonly memoryPressure: boolean;
  readonly diskPressure: boolean;
  readonly pidPressure: boolean;
  /** What asks for action: memory first, then disks, then process ids; hard before soft. */
  readonly due: readonly CrossedThreshold[];
}

export interface Pressure {
  look(): Promise<Shortage>;
}

export interface PressureOptions {
  readonly thresholds: readonly Threshold[];
  readonly supplies: () => Promise<ReadonlyMap<EvictionSignal, Supply>>;
  readonly clock: Clock;
}

type Resource = ReturnType<typeof resourceOf>;

/** Upstream's default. */
const transitionMs = 300_000;
/** More than this between two looks is a stepped clock, or a machine that slept: nobody saw the threshold crossed. */
const longestStepMs = 30_000;
const order: readonly Resource[] = ['memory', 'ephemeral-storage', 'pids'];

export function createPressure({ thresholds, supplies, clock }: PressureOptions): Pressure {
  const crossedForMs = new Map<Threshold, number>();
  const lastsForMs = new Map<Resource, number>();
  let lookedAtMs = clock.now();

  return {
    async look() {
      const found = await supplies();
      const nowMs = clock.now();
      const elapsedMs = nowMs - lookedAtMs;
      const stepMs = elapsedMs >= 0 && elapsedMs <= longestStepMs ? elapsedMs : 0;
      lookedAtMs = nowMs;
      for (const [resource, leftMs] of lastsForMs) {
        if (leftMs > stepMs) lastsForMs.set(resource, leftMs - stepMs);
        else lastsForMs.delete(resource);
      }
      const due: CrossedThreshold[] = [];
      for (const threshold of thresholds) {
        const supply = found.get(threshold.signal);
        if (supply === undefined || !isCrossed(threshold, supply)) {
          crossedForMs.delete(threshold);
          continue;
        }
        const before = crossedForMs.get(threshold);
        const forMs = before === undefined ? 0 : before + stepMs;
        crossedForMs.set(threshold, forMs);
        lastsForMs.set(resourceOf(threshold.signal), transitionMs);
        if (forMs >= (threshold.graceMs ?? 0)) due.push({ threshold, supply });
      }
      return {
        memoryPressure: lastsForMs.has('memory'),
        diskPressure: lastsForMs.has('ephemeral-storage'),
        pidPressure: lastsForMs.has('pids'),
        due: due.sort((a, b) => rank(a) - rank(b)),
      };
    },
  };
}

function rank({ threshold: { signal, graceMs } }: CrossedThreshold): number {
  return order.indexOf(resourceOf(signal)) * 2 + (graceMs === undefined ? 0 : 1);
}

/** Reads this machine. Images count by themselves only where they have a file system of their own. */
export function machineSupplies(dataDir: string, imageDir: string): PressureOptions['supplies'] {
  return async () => {
    const [memory, pids, nodeDisk, imageDisk] = await Promise.all([
      readFile('/proc/meminfo', 'utf8'),
      pidSupply(),
      diskFacts(dataDir),
      ownDisk(imageDir, dataDir),
    ]);
    const found = new Map<EvictionSignal, Supply>();
    const available = memoryField(memory, 'MemAvailable');
    found.set('memory.available', { available, capacity: memoryField(memory, 'MemTotal') });
    found.set('pid.available', pids);
    for (const [name, disk] of [['nodefs', nodeDisk] as const, ['imagefs', imageDisk] as const]) {
      if (disk === undefined) continue;
      found.set(`${name}.available`, { available: disk.freeBytes, capacity: disk.totalBytes });
      if (disk.inodes > 0) found.set(`${name}.inodesFree`, { available: disk.freeInodes, capacity: disk.inodes });
    }
    return found;
  };
}

async function ownDisk(path: string, other: string): Promise<Awaited<ReturnType<typeof diskFacts>> | undefined> {
  // A runtime on another machine's disk, or one that keeps no files, has nothing to look at here.
  const [own, others] = await Promise.all([stat(path).catch(() => undefined), stat(other)]);
  return own === undefined || own.dev === others.dev ? undefined : diskFacts(path);
}

async function pidSupply(): Promise<Supply> {
  const [load, most] = await Promise.all([
    readFile('/proc/loadavg', 'utf8'),
    readFile('/proc/sys/kernel/pid_max', 'utf8'),
  ]);
  const capacity = Number(most);
  return { available: capacity - Number(load.split(' ')[3]?.split('/')[1] ?? 0), capacity };
}
