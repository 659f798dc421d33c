// Ends the node's pods while the machine shuts down, by stages; each is told in its status why. Returns when all have
// ended and the API knows it, or their time is over: the machine does not wait longer.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { KubeletParts } from '../parts.ts';
import { isTerminalPhase } from '../plan/pod-phase.ts';
import type { PodRecord } from '../pods/pod-record.ts';
import { planShutdown } from './plan-shutdown.ts';
import type { ShutdownGrace } from './plan-shutdown.ts';

const run = promisify(execFile);
const lookMs = 100;

/** Whether this machine is going down (and not only its agent). A machine without systemd never says so. */
export async function isMachineStopping(): Promise<boolean> {
  // The program's exit code tells states apart as well; what counts is what it prints.
  const { stdout = '' } = await run('systemctl', ['is-system-running'], { timeout: 5_000 }).catch(
    (error: { stdout?: string }) => error,
  );
  return stdout.trim() === 'stopping';
}

export async function shutDownPods(
  parts: KubeletParts,
  records: readonly PodRecord[],
  grace: ShutdownGrace,
  enqueue: (podUid: string) => void,
): Promise<void> {
  const { clock, status, logger } = parts;
  const alive = records.filter((record) => !isTerminalPhase(record.status?.phase) && !record.isGone);
  for (const { seconds, pods } of planShutdown(alive, ({ pod }) => pod, grace)) {
    logger.info({ pods: pods.length, seconds }, 'the machine shuts down: ending pods');
    for (const { item: record, graceSeconds } of pods) {
      record.verdict ??= {
        phase: 'Failed',
        reason: 'Terminated',
        message: 'Pod was terminated in response to imminent node shutdown.',
        isDisruption: true,
        graceSeconds,
      };
      record.interrupt?.abort();
      enqueue(record.uid);
    }
    // Its containers have ended and that is on its way to the API.
    const isOver = ({ status: shown }: PodRecord): boolean => isTerminalPhase(shown?.phase);
    const untilMs = clock.now() + seconds * 1000;
    while (clock.now() < untilMs && !pods.every(({ item }) => isOver(item))) await clock.sleep(lookMs);
    const told = Promise.all(pods.map(({ item }) => status.flushed(item.uid)));
    await Promise.race([told, clock.sleep(Math.max(untilMs - clock.now(), lookMs))]);
  }
}
