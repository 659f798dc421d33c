// Machines of a cluster as the API reports them.

export type NodeState = 'ready' | 'notReady' | 'unknown';

export interface NodeRow {
  readonly uid: string;
  readonly name: string;
  readonly state: NodeState;
  /** Why it is not ready, in the node's own words. */
  readonly message?: string;
  readonly cordoned: boolean;
  readonly roles: readonly string[];
  readonly address: string;
  readonly version: string;
  readonly osImage: string;
  readonly kernel: string;
  readonly runtime: string;
  readonly architecture: string;
  readonly podCidr?: string;
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  readonly podLimit: number;
  readonly cpuRequestedMilli: number;
  readonly memoryRequestedBytes: number;
  readonly pods: number;
  /** Conditions other than Ready that are true and unwanted, e.g. DiskPressure. */
  readonly pressures: readonly string[];
  readonly taints: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  readonly labels: Readonly<Record<string, string>>;
  readonly createdAt: number;
}
