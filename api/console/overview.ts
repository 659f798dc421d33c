// The health of a cluster on one page: its control plane, etcd, machines, workloads, and what hurts.
import type { Diagnosis } from './diagnosis.ts';
import type { Tone } from './rows.ts';

/** A part of the control plane. `detail` is its own word (leader's identity, failing check…). */
export interface ComponentHealth {
  readonly id: 'api' | 'scheduler' | 'controllers' | 'etcd' | 'dns';
  readonly tone: Tone;
  readonly detail: string;
  readonly latencyMs?: number;
  /** Who leads, for elected parts. */
  readonly leader?: string;
  readonly renewedAt?: number;
}

export interface EtcdMember {
  readonly name: string;
  readonly endpoint: string;
  readonly healthy: boolean;
  readonly leader: boolean;
  readonly version?: string;
  readonly dbSizeBytes?: number;
  readonly latencyMs?: number;
  /** Entries of the log that the others have and it has not applied yet. */
  readonly lag?: number;
  readonly message?: string;
}

/** A problem, worst first; `object` leads to its page. */
export interface Problem {
  readonly id: string;
  readonly tone: 'warn' | 'bad';
  readonly kind:
    'nodeNotReady' | 'nodePressure' | 'podFailing' | 'podPending' | 'deploymentDegraded' | 'etcdMember' | 'component';
  readonly object: { readonly kind: string; readonly namespace?: string; readonly name: string };
  readonly detail: string;
  readonly count: number;
  readonly since?: number;
  /** Of pods: why they do not run. */
  readonly diagnosis?: Diagnosis;
  /** Of pods: the workload that they belong to. */
  readonly workload?: { readonly kind: string; readonly name: string };
}

export interface Overview {
  readonly version?: string;
  readonly components: readonly ComponentHealth[];
  /** How the store is kept; `unreported` when the API server does not say (other Kubernetes clusters). */
  readonly store: 'etcd' | 'memory' | 'unreported';
  readonly etcdMembers: readonly EtcdMember[];
  readonly nodes: { readonly total: number; readonly ready: number; readonly cordoned: number };
  readonly pods: {
    readonly total: number;
    readonly running: number;
    readonly waiting: number;
    readonly failing: number;
    readonly done: number;
  };
  readonly deployments: { readonly total: number; readonly available: number };
  readonly capacity: {
    readonly cpuMilli: number;
    readonly cpuRequestedMilli: number;
    readonly memoryBytes: number;
    readonly memoryRequestedBytes: number;
    readonly podLimit: number;
    readonly pods: number;
  };
  readonly problems: readonly Problem[];
}
