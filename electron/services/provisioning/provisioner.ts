// What the console needs of provisioning, and how a wizard's draft becomes a cluster file's document.
// The real thing is loaded when first used: a console that builds nothing never loads SSH.
import type { ClusterDraft, MachineDraft } from '../../../api/console/index.ts';
import type {
  ClusterSpec,
  MachineFacts,
  Plan,
  PreflightReport,
  ProvisionOptions,
  ProvisionResult,
  RunOptions,
  RunResult,
} from '../../../provisioning/contract.ts';

export interface Provisioner {
  createClusterSpec(document: unknown): ClusterSpec;
  readClusterFile(yaml: string, options: { baseDir?: string; isRunning?: boolean }): ClusterSpec;
  preflight(spec: ClusterSpec, options: RunOptions): Promise<PreflightReport>;
  planCluster(spec: ClusterSpec, facts?: readonly MachineFacts[]): Plan;
  provision(spec: ClusterSpec, options: ProvisionOptions): Promise<ProvisionResult>;
  deprovision(spec: ClusterSpec, options: ProvisionOptions): Promise<RunResult>;
}

/** The house's own provisioning. */
export async function loadProvisioner(): Promise<Provisioner> {
  return import('../../../provisioning/index.ts');
}

/** A machine as the cluster file says it. */
export function machineDocument({ credentials, ...machine }: MachineDraft): Record<string, unknown> {
  const { kind, keyPath, passphrase, password, sudoPassword } = credentials;
  return {
    ...machine,
    ...(kind === 'key' ? { keyPath, passphrase } : kind === 'password' ? { password } : { agent: true }),
    sudoPassword: sudoPassword || undefined,
  };
}

/** The cluster file that a draft stands for; `createClusterSpec` checks it. */
export function clusterDocument(draft: ClusterDraft): Record<string, unknown> {
  const { name, machines, podCidr, serviceCidr, virtualAddress, etcd } = draft;
  return {
    name,
    machines: machines.map(machineDocument),
    ...(podCidr ? { podCidr } : {}),
    ...(serviceCidr ? { serviceCidr } : {}),
    settings: {
      ...(virtualAddress ? { virtualAddress } : {}),
      ...(etcd === undefined ? {} : { etcd: { external: etcd } }),
    },
  };
}
