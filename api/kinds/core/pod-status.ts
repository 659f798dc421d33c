// PodStatus: what a pod does, as its node last said.
import {
  atomicList,
  define,
  int64,
  keyedList,
  map,
  mergedList,
  oneOf,
  quantity,
  required,
  setOf,
  string,
  time,
} from '../../schema/vocabulary.ts';
import { ContainerStatus } from './container-status.ts';
import { ResourceRequirements } from './resource-requirements.ts';

export class ContainerExtendedResourceRequest extends define('io.k8s.api.core.v1.ContainerExtendedResourceRequest', {
  containerName: required(string),
  requestName: required(string),
  resourceName: required(string),
}) {}

export class HostIP extends define('io.k8s.api.core.v1.HostIP', {
  ip: required(string),
}) {}

export class NodeAllocatableResourceClaimStatus extends define(
  'io.k8s.api.core.v1.NodeAllocatableResourceClaimStatus',
  {
    containers: setOf(string),
    resourceClaimName: required(string),
    resources: required(map(quantity)),
  },
) {}

export class PodCondition extends define('io.k8s.api.core.v1.PodCondition', {
  lastProbeTime: time,
  lastTransitionTime: time,
  message: string,
  observedGeneration: int64,
  reason: string,
  status: required(string),
  type: required(string),
}) {}

export class PodExtendedResourceClaimStatus extends define('io.k8s.api.core.v1.PodExtendedResourceClaimStatus', {
  requestMappings: required(atomicList(ContainerExtendedResourceRequest)),
  resourceClaimName: required(string),
}) {}

export class PodIP extends define('io.k8s.api.core.v1.PodIP', {
  ip: required(string),
}) {}

export class PodResourceClaimStatus extends define('io.k8s.api.core.v1.PodResourceClaimStatus', {
  name: required(string),
  resourceClaimName: string,
}) {}

export class PodStatus extends define('io.k8s.api.core.v1.PodStatus', {
  allocatedResources: map(quantity),
  conditions: keyedList(PodCondition, 'type'),
  containerStatuses: atomicList(ContainerStatus),
  ephemeralContainerStatuses: atomicList(ContainerStatus),
  extendedResourceClaimStatus: PodExtendedResourceClaimStatus,
  hostIP: string,
  hostIPs: mergedList(HostIP, 'ip', { atomic: true }),
  initContainerStatuses: atomicList(ContainerStatus),
  message: string,
  nodeAllocatableResourceClaimStatuses: atomicList(NodeAllocatableResourceClaimStatus),
  nominatedNodeName: string,
  observedGeneration: int64,
  phase: oneOf('Failed', 'Pending', 'Running', 'Succeeded', 'Unknown'),
  podIP: string,
  podIPs: keyedList(PodIP, 'ip'),
  qosClass: oneOf('BestEffort', 'Burstable', 'Guaranteed'),
  reason: string,
  resize: string,
  resourceClaimStatuses: keyedList(PodResourceClaimStatus, 'name', { strategy: 'merge,retainKeys' }),
  resources: ResourceRequirements,
  startTime: time,
}) {}
