// What a filter is: prepared once for a pod, then asked about each node. It answers nothing for a node that fits, or a
// refusal whose words are upstream's (they are counted into the FailedScheduling event); explain() says it in one
// sentence with the numbers, and is only asked when somebody wants to know.
import type { NodeInfo } from '../snapshot/node-info.ts';
import type { PodInfo } from '../snapshot/pod-info.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Sentence } from '../sentences.ts';

export interface Refusal {
  readonly filter: string;
  readonly reasons: readonly string[];
  /** Whether removing pods from the node could help: only then is preemption tried there. */
  readonly resolvable: boolean;
  /** Whether the pod itself is why: it is said once, and no node is asked. */
  readonly everywhere?: true;
}

export interface PreparedFilter {
  /** Set where the pod can go nowhere, whatever the nodes are like. */
  readonly everywhere?: Refusal;
  check(node: NodeInfo): Refusal | undefined;
  /** One sentence for each thing that check() refuses; empty when the node fits. */
  explain(node: NodeInfo): readonly Sentence[];
}

export interface Filter {
  readonly name: string;
  /** Undefined when this filter lets the pod go anywhere. */
  prepare(pod: PodInfo, snapshot: Snapshot): PreparedFilter | undefined;
}

/** A filter whose only refusal is one constant. */
export function constantRefusal(filter: string, reason: string, resolvable: boolean): Refusal {
  return { filter, reasons: [reason], resolvable };
}

/** A filter's answer for a pod that can go nowhere until something else is there. */
export function refuseEverywhere(filter: string, reason: string, sentence: Sentence): PreparedFilter {
  const everywhere: Refusal = { filter, reasons: [reason], resolvable: false, everywhere: true };
  return { everywhere, check: () => everywhere, explain: () => [sentence] };
}
