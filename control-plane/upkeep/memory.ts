// Gives memory back after a burst of work. V8 keeps the heap that a burst needed until something allocates again, and an
// idle control plane allocates too little for that: so once it has been quiet for a while, the garbage is collected
// (about 50 ms), once per burst.
import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Clock } from '../../machinery/clock.ts';

const lookMs = 10_000;
const quietUtilization = 0.1;
const worthwhileBytes = 24 * 1024 * 1024;

export interface MemoryUpkeepOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** What the process holds, and how busy it was since the last question (0 to 1); the process itself by default. */
  readonly probe?: () => { heldBytes: number; utilization: number };
  readonly collect?: () => void;
}

/** Runs until the signal aborts. */
export async function runMemoryUpkeep(options: MemoryUpkeepOptions): Promise<void> {
  const { clock, signal, probe = createProbe(), collect = createCollector() } = options;
  let settledBytes = Infinity;
  while (!signal.aborted) {
    await clock.sleep(lookMs, signal);
    const { heldBytes, utilization } = probe();
    if (signal.aborted || utilization > quietUtilization) continue;
    if (settledBytes !== Infinity && heldBytes < settledBytes + worthwhileBytes) continue;
    collect();
    settledBytes = probe().heldBytes;
  }
}

function createProbe(): () => { heldBytes: number; utilization: number } {
  let before = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    const { heapTotal, external } = process.memoryUsage();
    return { heldBytes: heapTotal + external, utilization };
  };
}

function createCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
