// Whether the node can take pods: the runtime answers, the network stands, and memory, disk and process ids suffice.
import { readFile } from 'node:fs/promises';
import type { Clock } from '../../../machinery/clock.ts';
import type { ContainerRuntime } from '../../runtime/container-runtime.ts';
import { diskFacts, memoryField } from './machine-facts.ts';
import type { NodeHealth } from './node-object.ts';

export interface NodeHealthOptions {
  readonly runtime: ContainerRuntime;
  /** Why pods cannot have a network now; undefined when they can. */
  readonly networkProblem: () => string | undefined;
  readonly dataDir: string;
  readonly clock: Clock;
}

/** Upstream's default hard eviction thresholds. */
export const thresholds = {
  memoryAvailableBytes: 100 * 1024 * 1024,
  diskFreeShare: 0.1,
  inodesFreeShare: 0.05,
  pidsFreeShare: 0.05,
} as const;
/** An Engine that is only busy answers within this. */
const runtimeAnswerMs = 20_000;
/** A condition stays for a while after its cause has gone, so that it does not flap. */
const pressureTransitionMs = 300_000;

export function createNodeHealth({
  runtime,
  networkProblem,
  dataDir,
  clock,
}: NodeHealthOptions): () => Promise<NodeHealth> {
  const lastSeenMs: Partial<Record<'memory' | 'disk' | 'pid', number>> = {};
  const lasting = (kind: 'memory' | 'disk' | 'pid', isPressed: boolean): boolean => {
    if (isPressed) lastSeenMs[kind] = clock.now();
    const seenMs = lastSeenMs[kind];
    return seenMs !== undefined && clock.now() - seenMs < pressureTransitionMs;
  };
  return async () => {
    const [runtimeSays, memory, disk, pids] = await Promise.all([
      runtimeProblem(runtime, clock),
      readFile('/proc/meminfo', 'utf8'),
      diskFacts(dataDir),
      pidsFreeShare(),
    ]);
    const network = networkProblem();
    return {
      notReady: [runtimeSays, network].filter((problem) => problem !== undefined),
      memoryPressure: lasting('memory', memoryField(memory, 'MemAvailable') < thresholds.memoryAvailableBytes),
      diskPressure: lasting('disk', isDiskShort(disk)),
      pidPressure: lasting('pid', pids < thresholds.pidsFreeShare),
    };
  };
}

/** A runtime that hangs is as down as one that is gone. */
async function runtimeProblem(runtime: ContainerRuntime, clock: Clock): Promise<string | undefined> {
  const waiting = new AbortController();
  const answers = runtime.images.find('pilothouse/none:none').then(
    () => undefined,
    (error: Error) => `container runtime is down: ${error.message}`,
  );
  const hangs = clock
    .sleep(runtimeAnswerMs, waiting.signal)
    .then(() => `container runtime is down: no answer within ${runtimeAnswerMs / 1000} s`);
  return Promise.race([answers, hangs]).finally(() => waiting.abort());
}

function isDiskShort(disk: { totalBytes: number; freeBytes: number; inodes: number; freeInodes: number }): boolean {
  const inodesShort = disk.inodes > 0 && disk.freeInodes / disk.inodes < thresholds.inodesFreeShare;
  return inodesShort || disk.freeBytes / disk.totalBytes < thresholds.diskFreeShare;
}

/** The share of process ids that are free on this machine. */
export async function pidsFreeShare(): Promise<number> {
  const [load, most] = await Promise.all([
    readFile('/proc/loadavg', 'utf8'),
    readFile('/proc/sys/kernel/pid_max', 'utf8'),
  ]);
  const used = Number(load.split(' ')[3]?.split('/')[1] ?? 0);
  return 1 - used / Number(most);
}
