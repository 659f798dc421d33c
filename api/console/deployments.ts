// Deployments: rows, the create form, rollout progress, revisions and rollback.

export type DeploymentState = 'available' | 'progressing' | 'degraded' | 'failed' | 'paused' | 'scaledDown';

export interface DeploymentRow {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly state: DeploymentState;
  readonly desired: number;
  readonly ready: number;
  readonly updated: number;
  readonly available: number;
  readonly images: readonly string[];
  readonly revision: number;
  readonly createdAt: number;
}

/** One revision: the ReplicaSet that holds its pod template. */
export interface RevisionView {
  readonly revision: number;
  readonly replicaSet: string;
  readonly current: boolean;
  readonly images: readonly string[];
  readonly cause?: string;
  readonly replicas: number;
  readonly ready: number;
  readonly createdAt: number;
}

/** Where a workload answers: one of its Services, and the addresses that lead there. */
export interface ServiceAddress {
  readonly name: string;
  readonly type: string;
  /** Inside the cluster: `name.namespace:port`, one for each port. */
  readonly inside: readonly string[];
  /** From outside: `host:port`; of a node port on the first machine that is ready. */
  readonly outside: readonly string[];
}

export interface DeploymentDetail {
  readonly row: DeploymentRow;
  readonly paused: boolean;
  readonly strategy: string;
  readonly maxSurge?: string;
  readonly maxUnavailable?: string;
  readonly progressDeadlineSeconds?: number;
  /** Who chooses the machines of its pods: the name of a scheduler profile. */
  readonly scheduler: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly selector: Readonly<Record<string, string>>;
  readonly containers: readonly {
    readonly name: string;
    readonly image: string;
    /** With `from`, a variable that another object or field gives; its value is not sent. */
    readonly variables: readonly { readonly name: string; readonly value?: string; readonly from?: string }[];
  }[];
  readonly conditions: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason?: string;
    readonly message?: string;
    readonly since?: number;
  }[];
  /** Newest first. */
  readonly revisions: readonly RevisionView[];
  /** Whether the controller has seen the newest generation; false means figures are about to change. */
  readonly observed: boolean;
}

/** What the create form asks; the services turn it into a Deployment and, with `expose`, a Service. */
export interface DeploymentForm {
  readonly namespace: string;
  readonly name: string;
  readonly image: string;
  readonly replicas: number;
  readonly containerPort?: number;
  readonly command?: readonly string[];
  readonly environment?: readonly { readonly name: string; readonly value: string }[];
  readonly cpuRequest?: string;
  readonly memoryRequest?: string;
  readonly cpuLimit?: string;
  readonly memoryLimit?: string;
  readonly expose?: { readonly type: 'ClusterIP' | 'NodePort'; readonly port: number };
  /** Whether its pods fill a machine before the next is touched; they are spread otherwise. */
  readonly isPacked?: boolean;
}

/** Two pod templates as YAML, for a diff: what runs, and what a rollback would bring. */
export interface RevisionComparison {
  readonly from: { readonly revision: number; readonly yaml: string };
  readonly to: { readonly revision: number; readonly yaml: string };
}
