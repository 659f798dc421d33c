// What machines, pods and containers use, with a short past from the cluster's metrics.k8s.io, and for up to thirty days
// as a control plane of ours recorded it.

/** `[at, cpuMilli, memoryBytes]`, oldest first. */
export type UsageSample = readonly [at: number, cpuMilli: number, memoryBytes: number];

export interface UsageView {
  readonly uid: string;
  readonly namespace?: string;
  readonly name: string;
  readonly samples: readonly UsageSample[];
  /** What it asks for or, for a machine, has. */
  readonly cpuMilli?: number;
  readonly memoryBytes?: number;
}

export interface MetricsView {
  /** False where the cluster measures nothing. */
  readonly available: boolean;
  readonly nodes: readonly UsageView[];
  /** The pods that use most; for a machine its own, for a pod its containers. */
  readonly parts: readonly UsageView[];
}

/** Whose recorded usage is asked for. */
export type UsageSubject =
  | { readonly kind: 'Node'; readonly name: string }
  | { readonly kind: 'Pod'; readonly namespace: string; readonly name: string };

export type UsageFigure = 'cpuMilli' | 'memoryBytes' | 'networkBytesPerSecond' | 'diskBytes';

/** The mean of a short time around a moment; a figure that was not measured is absent. */
export interface UsageMoment extends Partial<Readonly<Record<UsageFigure, number>>> {
  readonly at: number;
}

/** What was used between two moments, oldest first; where nothing was recorded there are no moments. */
export interface UsagePast {
  readonly from: number;
  readonly to: number;
  readonly moments: readonly UsageMoment[];
}
