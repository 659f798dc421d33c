// Chaos drills: something is broken on purpose, what is predicted is compared with what happens, and all is put back.
// Pods and Services are named `namespace/name`.
import type { LocalText } from './result.ts';
import type { WhatIfAnswer } from './pods.ts';

/** What is broken: a pod killed, an agent stopped, a control plane with its etcd stopped, a machine cut off. */
export type DrillTarget =
  | { readonly kind: 'pod'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'agent' | 'master' | 'link'; readonly machine: string };

/** Members of etcd: how many work, how many must, how many more may be lost. */
export interface DrillQuorum {
  readonly members: number;
  readonly working: number;
  readonly needed: number;
  readonly canLose: number;
}

export interface DrillPrediction {
  /** False where the cluster's scheduler cannot rehearse: then nothing is said of where pods go. */
  readonly rehearsed: boolean;
  /** After so many seconds without a word the cluster calls the machine lost; absent when it never notices. */
  readonly noticedAfterSeconds?: number;
  /** After so many seconds the first pods leave the machine; absent when none would. */
  readonly leaveAfterSeconds?: number;
  readonly moved: WhatIfAnswer['moved'];
  /** Pods that find no other machine. */
  readonly pending: readonly { readonly pod: string; readonly reason: string }[];
  /** Pods that nobody makes anew: lost for good. */
  readonly gone: readonly string[];
  readonly budgetsBroken: WhatIfAnswer['budgetsBroken'];
  /** Services that are left without a ready endpoint for a while. */
  readonly services: readonly string[];
  /** While it is broken; absent on clusters that do not report their members. */
  readonly quorum?: DrillQuorum;
}

/** What would happen, and why it is not done now; nothing was done by asking. */
export interface DrillPlan {
  readonly target: DrillTarget;
  readonly holdSeconds: number;
  /** Empty when it may be done. */
  readonly refusals: readonly LocalText[];
  readonly warnings: readonly LocalText[];
  readonly prediction: DrillPrediction;
}

/** What has happened so far. */
export interface DrillActual {
  readonly brokenAt?: number;
  readonly backAt?: number;
  /** When every workload had as many ready pods as before. */
  readonly wholeAt?: number;
  /** How long after the break the cluster called the machine lost. */
  readonly noticedMs?: number;
  readonly moved: WhatIfAnswer['moved'];
  /** Pods without a machine, at worst. */
  readonly pending: readonly string[];
  readonly gone: readonly string[];
  /** Pods that were there and ready before, and are so again. */
  readonly ready: number;
  /** How many were ready before. */
  readonly readyBefore: number;
  /** Services without a ready endpoint, and for how long. */
  readonly services: readonly { readonly service: string; readonly ms: number }[];
  /** The longest time in which the API gave no answer. */
  readonly apiGapMs: number;
  /** How many more members could have been lost, at worst. */
  readonly canLose?: number;
}

/** One thing that was predicted, beside what came of it; `missed` was predicted only, `surprises` happened only. */
export interface DrillVerdict {
  readonly measure: 'moved' | 'pending' | 'gone' | 'services' | 'canLose' | 'back';
  readonly predicted: number;
  readonly actual: number;
  readonly agrees: boolean;
  readonly missed: readonly string[];
  readonly surprises: readonly string[];
}

/** `cut`: the console ended while it was under way; the machine has put itself back by its own timer. */
export type DrillState = 'running' | 'done' | 'failed' | 'cancelled' | 'cut';

/** A drill, under way or over. */
export interface DrillView {
  readonly id: string;
  readonly runId?: string;
  /** The trail of the action that began it. */
  readonly trace?: string;
  readonly target: DrillTarget;
  readonly holdSeconds: number;
  readonly user: string;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly state: DrillState;
  readonly prediction: DrillPrediction;
  readonly actual: DrillActual;
  /** Once it is over. */
  readonly verdicts: readonly DrillVerdict[];
  readonly message?: LocalText;
}
