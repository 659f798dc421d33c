// Kinds in the order an administrator looks for them: by what they are about, custom ones by their group. Pure.
import type { KindView } from '../../../api/console/index.ts';

export type GroupId = 'workloads' | 'network' | 'configuration' | 'storage' | 'access' | 'cluster' | 'custom';

export interface KindSection {
  readonly id: GroupId;
  readonly kinds: readonly KindView[];
}

const groupOfApi: Readonly<Record<string, GroupId>> = {
  apps: 'workloads',
  batch: 'workloads',
  autoscaling: 'workloads',
  policy: 'workloads',
  'networking.k8s.io': 'network',
  'discovery.k8s.io': 'network',
  'storage.k8s.io': 'storage',
  'rbac.authorization.k8s.io': 'access',
  'certificates.k8s.io': 'access',
};
const groupOfCore: Readonly<Record<string, GroupId>> = {
  Pod: 'workloads',
  PodTemplate: 'workloads',
  ReplicationController: 'workloads',
  Service: 'network',
  Endpoints: 'network',
  ConfigMap: 'configuration',
  Secret: 'configuration',
  LimitRange: 'configuration',
  ResourceQuota: 'configuration',
  PersistentVolume: 'storage',
  PersistentVolumeClaim: 'storage',
  ServiceAccount: 'access',
};
const order: readonly GroupId[] = ['workloads', 'network', 'configuration', 'storage', 'access', 'custom', 'cluster'];

function groupOf({ apiVersion, kind, custom }: KindView): GroupId {
  if (custom) return 'custom';
  if (!apiVersion.includes('/')) return groupOfCore[kind] ?? 'cluster';
  return groupOfApi[apiVersion.split('/')[0] ?? ''] ?? 'cluster';
}

/** The kinds that can be listed, in sections; those whose words are not found are left out. */
export function sectionsOf(kinds: readonly KindView[], search: string): readonly KindSection[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = kinds.filter(({ verbs, kind, plural, apiVersion, shortNames }) => {
    if (!verbs.includes('list')) return false;
    const text = `${kind} ${plural} ${apiVersion} ${shortNames.join(' ')}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  return order.flatMap((id) => {
    const own = found
      .filter((kind) => groupOf(kind) === id)
      .sort((left, right) => (left.kind < right.kind ? -1 : left.kind > right.kind ? 1 : 0));
    return own.length === 0 ? [] : [{ id, kinds: own }];
  });
}
