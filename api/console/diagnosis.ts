// Why a pod does not run: a cause that the console has words and a remedy for, and the cluster's own words as evidence.

import type { EventRow } from './events.ts';

export type DiagnosisCause =
  | 'imageMissing'
  | 'imageDenied'
  | 'imageName'
  | 'imageNeverPulled'
  | 'imagePull'
  | 'registryUnreachable'
  | 'registryUntrusted'
  | 'configMissing'
  | 'commandMissing'
  | 'containerRefused'
  | 'outOfMemory'
  | 'killed'
  | 'exited'
  | 'notReady'
  | 'stuckStarting'
  | 'unschedulable'
  | 'gated'
  | 'evicted'
  | 'deadline'
  | 'machineLost'
  | 'machineRefused'
  | 'unknown';

export interface Diagnosis {
  readonly cause: DiagnosisCause;
  /** What the sentence names: container, image, registry, exitCode, restarts, limit, machine. */
  readonly facts: Readonly<Record<string, string | number>>;
  /** What the machine or the scheduler said, word for word; empty when nothing was said. */
  readonly evidence: string;
}

const toldByLog = new Set<DiagnosisCause>(['exited', 'killed', 'outOfMemory', 'notReady', 'unknown']);

/** Whether the log of the container is where the reason is to be found. */
export function isInLog({ cause }: Diagnosis): boolean {
  return toldByLog.has(cause);
}

/** Causes of which a pod's status says nothing and its warnings do; of a killed container only a failed probe tells. */
const toldByEvents = new Set<DiagnosisCause>(['stuckStarting', 'notReady', 'killed', 'unknown']);

/** Whether an event of the pod may stand as evidence of its diagnosis. */
export function tells({ type, reason }: EventRow, { cause, evidence }: Diagnosis): boolean {
  if (type !== 'Warning' || evidence !== '' || !toldByEvents.has(cause)) return false;
  return cause !== 'killed' || reason === 'Unhealthy';
}
