// Where an object's page is: its own for the kinds that have one, the explorer's for every other.
import type { ObjectRef } from '../../api/console/index.ts';

const pages: Readonly<Record<string, string>> = { Pod: 'pods', Deployment: 'deployments', Node: 'nodes' };
/** Where a kind lives when only its name is known, as for the owner of a pod. */
const usualVersions: Readonly<Record<string, string>> = {
  ReplicaSet: 'apps/v1',
  StatefulSet: 'apps/v1',
  DaemonSet: 'apps/v1',
  Deployment: 'apps/v1',
  Job: 'batch/v1',
  CronJob: 'batch/v1',
  Ingress: 'networking.k8s.io/v1',
  NetworkPolicy: 'networking.k8s.io/v1',
  HorizontalPodAutoscaler: 'autoscaling/v2',
  PodDisruptionBudget: 'policy/v1',
  StorageClass: 'storage.k8s.io/v1',
  EndpointSlice: 'discovery.k8s.io/v1',
  Lease: 'coordination.k8s.io/v1',
};
const core = new Set([
  'ConfigMap',
  'Endpoints',
  'LimitRange',
  'Namespace',
  'Node',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'Pod',
  'ReplicationController',
  'ResourceQuota',
  'Secret',
  'Service',
  'ServiceAccount',
]);

/** The group and version as parts of an address: `core/v1`, `apps/v1`. */
export function versionPath(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion : `core/${apiVersion}`;
}

/** The apiVersion that an address names. */
export function versionOf(group: string, version: string): string {
  return group === 'core' ? version : `${group}/${version}`;
}

/** The address of an object's page, or nothing when its group cannot be told. */
export function objectPath(
  clusterId: string,
  { apiVersion, kind, namespace, name }: Partial<Pick<ObjectRef, 'apiVersion'>> & Omit<ObjectRef, 'apiVersion'>,
): string | undefined {
  const page = pages[kind];
  if (page !== undefined && (apiVersion === undefined || apiVersion === 'v1' || apiVersion.startsWith('apps/'))) {
    const inside = kind === 'Node' ? name : `${namespace ?? 'default'}/${name}`;
    return `/clusters/${clusterId}/${page}/${inside}`;
  }
  const version = apiVersion || usualVersions[kind] || (core.has(kind) ? 'v1' : undefined);
  if (version === undefined || name === '') return undefined;
  return `/clusters/${clusterId}/objects/${versionPath(version)}/${kind}/${namespace ?? '-'}/${encodeURIComponent(name)}`;
}

/** The address of a kind's table. */
export function kindPath(clusterId: string, apiVersion: string, kind: string): string {
  return `/clusters/${clusterId}/explore/${versionPath(apiVersion)}/${kind}`;
}
