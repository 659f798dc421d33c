// Pods as lists, maps and detail pages show them.
import type { Diagnosis } from './diagnosis.ts';
import type { LocalText } from './result.ts';
import type { ObjectRef, Tone } from './rows.ts';

/** The state of a pod, from worst news to none; `reason` on the row says it in kubectl's words. */
export type PodState =
  'running' | 'notReady' | 'starting' | 'pending' | 'succeeded' | 'failed' | 'terminating' | 'unknown';

export interface PodRow {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly state: PodState;
  /** As kubectl prints it: Running, CrashLoopBackOff, ImagePullBackOff, Completed… */
  readonly reason: string;
  /** Why it waits, in the scheduler's words: only while no machine takes it. */
  readonly message?: string;
  readonly readyContainers: number;
  readonly containers: number;
  readonly restarts: number;
  readonly node?: string;
  readonly ip?: string;
  /** The workload it belongs to; a ReplicaSet's pods name the Deployment. */
  readonly owner?: { readonly kind: string; readonly name: string };
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  readonly createdAt: number;
  /** Guaranteed, Burstable or BestEffort, as the server says. */
  readonly qosClass?: string;
  /** Ended for good: it takes no room on its machine any more. */
  readonly over: boolean;
  /** Why it does not run; absent when nothing is known to be wrong. */
  readonly diagnosis?: Diagnosis;
}

export type ContainerState = 'running' | 'waiting' | 'terminated';

export interface ContainerView {
  readonly name: string;
  readonly image: string;
  readonly kind: 'init' | 'main';
  readonly state: ContainerState;
  readonly reason?: string;
  readonly message?: string;
  readonly exitCode?: number;
  readonly startedAt?: number;
  readonly ready: boolean;
  readonly restarts: number;
  readonly lastExit?: { readonly reason: string; readonly exitCode: number; readonly finishedAt?: number };
  readonly ports: readonly { readonly name?: string; readonly port: number; readonly protocol: string }[];
  readonly requests: { readonly cpu?: string; readonly memory?: string };
  readonly limits: { readonly cpu?: string; readonly memory?: string };
  /** Variables by name; values from Secrets are never sent. */
  readonly environment: readonly { readonly name: string; readonly value?: string; readonly from?: string }[];
  readonly mounts: readonly { readonly path: string; readonly volume: string; readonly readOnly: boolean }[];
}

export interface PodDetail {
  readonly row: PodRow;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly containers: readonly ContainerView[];
  readonly conditions: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason?: string;
    readonly message?: string;
    readonly since?: number;
  }[];
  readonly volumes: readonly { readonly name: string; readonly source: string }[];
  readonly serviceAccount?: string;
  readonly restartPolicy: string;
  readonly qosClass?: string;
  readonly priority?: number;
  readonly hostIp?: string;
  readonly startedAt?: number;
}

/** The tone of each state: drives colour, shape and order; the word always accompanies it. */
export const podTone: Readonly<Record<PodState, Tone>> = {
  running: 'good',
  notReady: 'warn',
  starting: 'busy',
  pending: 'warn',
  succeeded: 'idle',
  failed: 'bad',
  terminating: 'idle',
  unknown: 'bad',
};

/** One piece of a container's log: whole lines, oldest first. */
export interface LogChunk {
  readonly lines: readonly { readonly at?: number; readonly text: string }[];
}

/** What the scheduler says of a pod and every machine: where it fits, how well, and why not elsewhere. */
export interface PlacementReasons {
  readonly node?: string;
  /** Best first; at most a few hundred. */
  readonly nodes: readonly {
    readonly node: string;
    readonly fits: boolean;
    /** The machine's score, higher is better; only where the pod fits. */
    readonly score?: number;
    readonly refusals: readonly Refusal[];
  }[];
  /** How many machines refuse, by reason, most first. */
  readonly counts: readonly { readonly reason: string; readonly nodes: number }[];
  /** The cheapest changes that would let it run, best first. */
  readonly remedies: readonly PlacementRemedy[];
}

/** Why one machine does not take a pod: the scheduler's filter, and its sentence with the numbers in it. */
export interface Refusal {
  readonly filter: string;
  readonly sentence: LocalText;
  readonly values: Readonly<Record<string, string | number>>;
}

/** One change that alone would let a pod run, found by rehearsal. */
export interface PlacementRemedy {
  readonly kind: string;
  readonly node: string;
  readonly sentence: LocalText;
  /** Whether the console can do it by itself; the others need a person's hand. */
  readonly canApply: boolean;
}

/** What a remedy does: the scheduler's rehearsal, and the object it changes as the server's dry run has it. */
export interface RemedyOutcome {
  readonly rehearsal: WhatIfAnswer;
  readonly object?: ObjectRef;
  readonly before?: string;
  readonly after?: string;
  /** Pods that are evicted, within their disruption budgets. */
  readonly evicted: readonly string[];
}

/** What could be done, to be rehearsed by the cluster's own scheduler. */
export type WhatIf =
  | { readonly type: 'node-lost' | 'node-drained'; readonly node: string }
  | { readonly type: 'node-added'; readonly like: string; readonly count: number }
  | {
      readonly type: 'workload-scaled';
      readonly namespace: string;
      readonly kind: string;
      readonly name: string;
      readonly replicas: number;
    }
  | {
      readonly type: 'remedy-applied';
      readonly namespace: string;
      readonly name: string;
      readonly kind: string;
      readonly node: string;
    };

/** How the pods would stand afterwards. Pods are named `namespace/name`; nothing was done. */
export interface WhatIfAnswer {
  readonly moved: readonly { readonly pod: string; readonly from: string; readonly to: string }[];
  readonly placed: readonly { readonly pod: string; readonly to: string }[];
  readonly pending: readonly { readonly pod: string; readonly from?: string; readonly reason: string }[];
  /** Pods that nobody makes anew. */
  readonly removed: readonly string[];
  readonly budgetsBroken: readonly { readonly budget: string; readonly pods: readonly string[] }[];
}

/** A pod may take this long to start, or to become ready, before that is a problem. */
export const patienceMs = 60_000;

/** Whether a person should look at a pod now: it fails, no machine takes it, or it has been on its way for too long. */
export function needsAttention({ state, message, createdAt }: PodRow, nowMs: number): boolean {
  if (state === 'failed' || state === 'unknown') return true;
  const isOnItsWay = state === 'pending' || state === 'starting' || state === 'notReady';
  return isOnItsWay && (message !== undefined || nowMs - createdAt > patienceMs);
}
