// What machines, pods and containers use, with a short past; figures come from the cluster's metrics.k8s.io.

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
