// Whether this machine lets us protect processes from the kernel's out-of-memory killer. Machines that are themselves
// containers often withhold CAP_SYS_RESOURCE; a container with a negative score could then not start at all.
import { readFileSync } from 'node:fs';

const capSysResource = 1n << 24n;

/** The lowest oom_score_adj that containers may be given here: -1000, or 0 without the right to lower it. Pure. */
export function lowestOomScoreAdjust(procSelfStatus: string): number {
  const effective = /^CapEff:\s*([0-9a-f]+)/m.exec(procSelfStatus)?.[1] ?? '0';
  return (BigInt(`0x${effective}`) & capSysResource) === 0n ? 0 : -1000;
}

/** As `lowestOomScoreAdjust`, for this process. */
export function lowestOomScoreAdjustHere(): number {
  return lowestOomScoreAdjust(readFileSync('/proc/self/status', 'utf8'));
}
