// What a node has and how it is, as its agent reports it.
import {
  atomicList,
  boolean,
  define,
  int32,
  int64,
  keyedList,
  map,
  oneOf,
  quantity,
  required,
  string,
  time,
} from '../../schema/vocabulary.ts';

export class AttachedVolume extends define('io.k8s.api.core.v1.AttachedVolume', {
  devicePath: required(string),
  name: required(string),
}) {}

export class ConfigMapNodeConfigSource extends define('io.k8s.api.core.v1.ConfigMapNodeConfigSource', {
  kubeletConfigKey: required(string),
  name: required(string),
  namespace: required(string),
  resourceVersion: string,
  uid: string,
}) {}

export class ContainerImage extends define('io.k8s.api.core.v1.ContainerImage', {
  names: atomicList(string),
  sizeBytes: int64,
}) {}

export class DaemonEndpoint extends define('io.k8s.api.core.v1.DaemonEndpoint', {
  Port: required(int32),
}) {}

export class NodeAddress extends define('io.k8s.api.core.v1.NodeAddress', {
  address: required(string),
  type: required(string),
}) {}

export class NodeCondition extends define('io.k8s.api.core.v1.NodeCondition', {
  lastHeartbeatTime: time,
  lastTransitionTime: time,
  message: string,
  reason: string,
  status: required(string),
  type: required(string),
}) {}

export class NodeConfigSource extends define('io.k8s.api.core.v1.NodeConfigSource', {
  configMap: ConfigMapNodeConfigSource,
}) {}

export class NodeConfigStatus extends define('io.k8s.api.core.v1.NodeConfigStatus', {
  active: NodeConfigSource,
  assigned: NodeConfigSource,
  error: string,
  lastKnownGood: NodeConfigSource,
}) {}

export class NodeDaemonEndpoints extends define('io.k8s.api.core.v1.NodeDaemonEndpoints', {
  kubeletEndpoint: DaemonEndpoint,
}) {}

export class NodeFeatures extends define('io.k8s.api.core.v1.NodeFeatures', {
  supplementalGroupsPolicy: boolean,
}) {}

export class NodeRuntimeHandlerFeatures extends define('io.k8s.api.core.v1.NodeRuntimeHandlerFeatures', {
  recursiveReadOnlyMounts: boolean,
  userNamespaces: boolean,
}) {}

export class NodeRuntimeHandler extends define('io.k8s.api.core.v1.NodeRuntimeHandler', {
  features: NodeRuntimeHandlerFeatures,
  name: string,
}) {}

export class NodeSwapStatus extends define('io.k8s.api.core.v1.NodeSwapStatus', {
  capacity: int64,
}) {}

export class NodeSystemInfo extends define('io.k8s.api.core.v1.NodeSystemInfo', {
  architecture: required(string),
  bootID: required(string),
  containerRuntimeVersion: required(string),
  kernelVersion: required(string),
  kubeProxyVersion: required(string),
  kubeletVersion: required(string),
  machineID: required(string),
  operatingSystem: required(string),
  osImage: required(string),
  swap: NodeSwapStatus,
  systemUUID: required(string),
}) {}

export class NodeStatus extends define(
  'io.k8s.api.core.v1.NodeStatus',
  {
    addresses: keyedList(NodeAddress, 'type'),
    allocatable: map(quantity),
    capacity: map(quantity),
    conditions: keyedList(NodeCondition, 'type'),
    config: NodeConfigStatus,
    daemonEndpoints: NodeDaemonEndpoints,
    declaredFeatures: atomicList(string),
    features: NodeFeatures,
    images: atomicList(ContainerImage),
    nodeInfo: NodeSystemInfo,
    phase: oneOf('Pending', 'Running', 'Terminated'),
    runtimeHandlers: atomicList(NodeRuntimeHandler),
    volumesAttached: atomicList(AttachedVolume),
    volumesInUse: atomicList(string),
  },
  {
    defaults: { allocatable: ({ capacity }) => capacity && { ...capacity } },
  },
) {}
