// The API resources that the agent reads and writes. Plain references: the agent need not load their schemas.
import type {
  ConfigMap,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  Secret,
  Service,
  ServiceAccount,
} from '../../api/kinds/core/index.ts';
import type { ClusterTrustBundle } from '../../api/kinds/certificates/index.ts';
import type { Lease } from '../../api/kinds/coordination/index.ts';
import type { RuntimeClass } from '../../api/kinds/node/index.ts';
import type { EndpointSlice } from '../../api/kinds/discovery/index.ts';
import type { ResourceRef } from '../../machinery/rest-client.ts';

const core = { group: '', version: 'v1' } as const;

export const pods: ResourceRef<Pod> = { ...core, kind: 'Pod', plural: 'pods', namespaced: true };
export const nodes: ResourceRef<Node> = { ...core, kind: 'Node', plural: 'nodes', namespaced: false };
export const services: ResourceRef<Service> = { ...core, kind: 'Service', plural: 'services', namespaced: true };
export const namespaces: ResourceRef<Namespace> = {
  ...core,
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
};
export const configMaps: ResourceRef<ConfigMap> = {
  ...core,
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
};
export const secrets: ResourceRef<Secret> = { ...core, kind: 'Secret', plural: 'secrets', namespaced: true };
export const serviceAccounts: ResourceRef<ServiceAccount> = {
  ...core,
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  namespaced: true,
};
export const claims: ResourceRef<PersistentVolumeClaim> = {
  ...core,
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  namespaced: true,
};
export const persistentVolumes: ResourceRef<PersistentVolume> = {
  ...core,
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  namespaced: false,
};
export const clusterTrustBundles: ResourceRef<ClusterTrustBundle> = {
  group: 'certificates.k8s.io',
  version: 'v1beta1',
  kind: 'ClusterTrustBundle',
  plural: 'clustertrustbundles',
  namespaced: false,
};
export const runtimeClasses: ResourceRef<RuntimeClass> = {
  group: 'node.k8s.io',
  version: 'v1',
  kind: 'RuntimeClass',
  plural: 'runtimeclasses',
  namespaced: false,
};
export const leases: ResourceRef<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
};
export const endpointSlices: ResourceRef<EndpointSlice> = {
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  namespaced: true,
};
