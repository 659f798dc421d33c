// Automatic scaling of a workload: its settings, where it stands, and what other settings would have made of recorded load.

/** What the console's form knows of a HorizontalPodAutoscaler; everything else of one is kept as it is. */
export interface AutoscalerSettings {
  readonly least: number;
  readonly most: number;
  /** Wanted mean use, in percent of what pods ask for. */
  readonly cpuPercent?: number;
  readonly memoryPercent?: number;
  /** How long the load must be low before pods are taken away. */
  readonly quietSeconds: number;
}

/** A workload that can be scaled. */
export interface ScaledWorkload {
  readonly namespace: string;
  readonly kind: 'Deployment' | 'StatefulSet' | 'ReplicaSet';
  readonly name: string;
}

export interface AutoscalerView {
  readonly name: string;
  readonly settings: AutoscalerSettings;
  /** Metrics that the form does not show, by name. */
  readonly otherMetrics: readonly string[];
  readonly current: number;
  readonly desired: number;
  /** What is used now, in percent of what pods ask for, where it is known. */
  readonly cpuPercent?: number;
  readonly memoryPercent?: number;
  readonly lastScaleAt?: number;
  /** In the cluster's own words: why it cannot work, or what holds it back. */
  readonly problem?: string;
  readonly limit?: string;
}

export type UsageReach = 'hour' | 'day' | 'week';

/** One moment of a replay: what the pods used together, how many there were, and how many there would have been. */
export interface ReplayPoint {
  readonly at: number;
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  readonly recorded: number;
  readonly proposed?: number;
}

export interface AutoscalerReplay {
  readonly from: number;
  readonly to: number;
  readonly points: readonly ReplayPoint[];
  /** Why metrics could not be replayed, in the cluster's words. */
  readonly unusable: readonly string[];
  /** Of the proposed settings; absent when nothing could be replayed. */
  readonly outcome?: {
    readonly changes: number;
    readonly least: number;
    readonly most: number;
    readonly mean: number;
    readonly recordedMean: number;
  };
}
