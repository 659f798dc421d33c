// ContainerStatus: what a container does and did.
import {
  atomicList,
  boolean,
  define,
  int32,
  int64,
  keyedList,
  map,
  quantity,
  required,
  string,
  time,
} from '../../schema/vocabulary.ts';
import { ResourceRequirements } from './resource-requirements.ts';
import { stopSignal } from './stop-signal.ts';

export class ContainerStateRunning extends define('io.k8s.api.core.v1.ContainerStateRunning', {
  startedAt: time,
}) {}

export class ContainerStateTerminated extends define('io.k8s.api.core.v1.ContainerStateTerminated', {
  containerID: string,
  exitCode: required(int32),
  finishedAt: time,
  message: string,
  reason: string,
  signal: int32,
  startedAt: time,
}) {}

export class ContainerStateWaiting extends define('io.k8s.api.core.v1.ContainerStateWaiting', {
  message: string,
  reason: string,
}) {}

export class ContainerState extends define('io.k8s.api.core.v1.ContainerState', {
  running: ContainerStateRunning,
  terminated: ContainerStateTerminated,
  waiting: ContainerStateWaiting,
}) {}

export class ResourceHealth extends define('io.k8s.api.core.v1.ResourceHealth', {
  health: string,
  message: string,
  resourceID: required(string),
}) {}

export class ResourceStatus extends define('io.k8s.api.core.v1.ResourceStatus', {
  name: required(string),
  resources: keyedList(ResourceHealth, 'resourceID', { mergeKey: null }),
}) {}

export class LinuxContainerUser extends define('io.k8s.api.core.v1.LinuxContainerUser', {
  gid: required(int64),
  supplementalGroups: atomicList(int64),
  uid: required(int64),
}) {}

export class ContainerUser extends define('io.k8s.api.core.v1.ContainerUser', {
  linux: LinuxContainerUser,
}) {}

export class ImageVolumeStatus extends define('io.k8s.api.core.v1.ImageVolumeStatus', {
  imageRef: required(string),
}) {}

export class VolumeStatus extends define('io.k8s.api.core.v1.VolumeStatus', {
  image: ImageVolumeStatus,
}) {}

export class VolumeMountStatus extends define('io.k8s.api.core.v1.VolumeMountStatus', {
  mountPath: required(string),
  name: required(string),
  readOnly: boolean,
  recursiveReadOnly: string,
  volumeStatus: VolumeStatus,
}) {}

export class ContainerStatus extends define('io.k8s.api.core.v1.ContainerStatus', {
  allocatedResources: map(quantity),
  allocatedResourcesStatus: keyedList(ResourceStatus, 'name'),
  containerID: string,
  image: required(string),
  imageID: required(string),
  lastState: ContainerState,
  name: required(string),
  ready: required(boolean),
  resources: ResourceRequirements,
  restartCount: required(int32),
  started: boolean,
  state: ContainerState,
  stopSignal,
  user: ContainerUser,
  volumeMounts: keyedList(VolumeMountStatus, 'mountPath'),
}) {}
