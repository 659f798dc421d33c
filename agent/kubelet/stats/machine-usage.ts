// What the whole machine uses now, from /proc; and the traffic of one network namespace.
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { memoryField } from '../node/machine-facts.ts';

/** The kernel counts processor time in hundredths of a second for user space (USER_HZ, fixed at 100 on Linux). */
const nanosPerTick = 10_000_000;

export interface MachineUsage {
  readonly cpuNanos: number;
  readonly memoryUsageBytes: number;
  readonly memoryWorkingSetBytes: number;
  readonly memoryAvailableBytes: number;
}

export async function readMachineUsage(): Promise<MachineUsage> {
  const [stat, meminfo] = await Promise.all([readFile('/proc/stat', 'utf8'), readFile('/proc/meminfo', 'utf8')]);
  const total = memoryField(meminfo, 'MemTotal');
  const usage = total - memoryField(meminfo, 'MemFree');
  return {
    cpuNanos: busyTicks(stat) * nanosPerTick,
    memoryUsageBytes: usage,
    memoryWorkingSetBytes: Math.max(usage - memoryField(meminfo, 'Inactive(file)'), 0),
    memoryAvailableBytes: memoryField(meminfo, 'MemAvailable'),
  };
}

/** All processor time but idle and waiting for disks. Pure. */
export function busyTicks(procStat: string): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = (
    /^cpu +(.*)$/m.exec(procStat)?.[1] ?? ''
  )
    .split(' ')
    .map(Number);
  return user + nice + system + irq + softirq + steal;
}

export interface InterfaceFigures {
  readonly name: string;
  readonly rxBytes: number;
  readonly rxErrors: number;
  readonly txBytes: number;
  readonly txErrors: number;
}

/** Interfaces in a /proc/PID/net/dev. Pure. */
export function parseInterfaces(procNetDev: string): InterfaceFigures[] {
  return procNetDev.split('\n').flatMap((line) => {
    const [, name, rest] = /^\s*([^\s:]+):\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || rest === undefined || name === 'lo') return [];
    const figures = rest.trim().split(/\s+/).map(Number);
    return [
      {
        name,
        rxBytes: figures[0] ?? 0,
        rxErrors: figures[2] ?? 0,
        txBytes: figures[8] ?? 0,
        txErrors: figures[10] ?? 0,
      },
    ];
  });
}

export function readInterfaces(pid: number | 'self'): InterfaceFigures[] {
  try {
    return parseInterfaces(readFileSync(`/proc/${pid}/net/dev`, 'utf8'));
  } catch {
    return []; // the process may have ended
  }
}
