// Usage of the node and of every running container, with rates: two readings make a rate, so the last reading is kept, and
// where there is none a second one follows after a moment.
import type { Clock } from '../../../machinery/clock.ts';
import type { ObservedContainer } from '../../runtime/container-runtime.ts';
import type { Observations } from '../pods/observations.ts';
import { createCgroupReader } from './cgroup.ts';
import type { CgroupFigures } from './cgroup.ts';
import { readMachineUsage } from './machine-usage.ts';
import type { MachineUsage } from './machine-usage.ts';

export interface Rated<T> {
  readonly figures: T;
  readonly atMs: number;
  readonly cpuNanoCores: number;
}

export interface NodeUsage {
  readonly node: Rated<MachineUsage>;
  readonly containers: readonly { readonly observed: ObservedContainer; readonly usage: Rated<CgroupFigures> }[];
}

export interface UsageReader {
  read(): Promise<NodeUsage>;
}

interface Reading {
  readonly cpuNanos: number;
  readonly atMs: number;
}

const shortestSpanMs = 1_000;
const longestSpanMs = 120_000;
const secondReadingMs = 250;
const freshMs = 1_000;
const nodeKey = 'node';

export function createUsageReader({ observations, clock }: { observations: Observations; clock: Clock }): UsageReader {
  const cgroups = createCgroupReader();
  let last = new Map<string, Reading>();
  let answered: { atMs: number; usage: Promise<NodeUsage> } | undefined;

  const readAll = async (): Promise<{
    node: MachineUsage;
    found: [ObservedContainer, CgroupFigures][];
    atMs: number;
  }> => {
    const running = observations.all().filter(({ state, pid }) => state === 'running' && pid > 0);
    const [node, figures] = await Promise.all([readMachineUsage(), cgroups.readAll(running)]);
    const found = running.flatMap((observed, index): [ObservedContainer, CgroupFigures][] => {
      const one = figures[index];
      return one === undefined ? [] : [[observed, one]];
    });
    return { node, found, atMs: clock.now() };
  };

  const rate = (key: string, cpuNanos: number, atMs: number): number | undefined => {
    const before = last.get(key);
    const spanMs = atMs - (before?.atMs ?? atMs);
    if (before === undefined || spanMs <= 0 || spanMs > longestSpanMs) return undefined;
    return Math.max(Math.round(((cpuNanos - before.cpuNanos) * 1000) / spanMs), 0);
  };

  const measure = async (): Promise<NodeUsage> => {
    let now = await readAll();
    const isKnown = rate(nodeKey, now.node.cpuNanos, now.atMs) !== undefined;
    if (!isKnown) {
      last = readingsOf(now);
      await clock.sleep(secondReadingMs);
      now = await readAll();
    }
    const usage: NodeUsage = {
      node: { figures: now.node, atMs: now.atMs, cpuNanoCores: rate(nodeKey, now.node.cpuNanos, now.atMs) ?? 0 },
      containers: now.found.map(([observed, figures]) => {
        const sinceStartMs = now.atMs - (observed.startedAtMs ?? now.atMs);
        const average = sinceStartMs > 0 ? Math.round((figures.cpuNanos * 1000) / sinceStartMs) : 0;
        const cpuNanoCores = rate(observed.id, figures.cpuNanos, now.atMs) ?? average;
        return { observed, usage: { figures, atMs: now.atMs, cpuNanoCores } };
      }),
    };
    const spanMs = now.atMs - (last.get(nodeKey)?.atMs ?? 0);
    if (spanMs >= shortestSpanMs) last = readingsOf(now);
    return usage;
  };

  return {
    read() {
      if (answered === undefined || clock.now() - answered.atMs > freshMs) {
        answered = { atMs: clock.now(), usage: measure() };
      }
      return answered.usage;
    },
  };
}

function readingsOf({
  node,
  found,
  atMs,
}: {
  node: MachineUsage;
  found: [ObservedContainer, CgroupFigures][];
  atMs: number;
}): Map<string, Reading> {
  return new Map([
    [nodeKey, { cpuNanos: node.cpuNanos, atMs }],
    ...found.map(([{ id }, { cpuNanos }]): [string, Reading] => [id, { cpuNanos, atMs }]),
  ]);
}
