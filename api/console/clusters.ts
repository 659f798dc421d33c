// Clusters the console knows: its own and any other by kubeconfig.

export type ClusterState = 'checking' | 'healthy' | 'degraded' | 'unreachable' | 'unauthorized';

/** A cluster at a glance. Figures are absent until the cluster answered once. */
export interface ClusterSummary {
  readonly id: string;
  readonly name: string;
  /** `built` by Pilothouse from machines, or `imported` by kubeconfig. */
  readonly origin: 'built' | 'imported';
  readonly server: string;
  readonly state: ClusterState;
  readonly message?: string;
  readonly version?: string;
  readonly nodesReady?: number;
  readonly nodes?: number;
  readonly addedAt: number;
  /** The only namespace this kubeconfig may list; absent when it may list the whole cluster. */
  readonly limitedTo?: string;
}

/** The contexts found in a kubeconfig, so that a person can choose one. */
export interface KubeconfigContexts {
  readonly current?: string;
  readonly contexts: readonly { readonly name: string; readonly server: string; readonly user: string }[];
}
