// Container: a program in a pod, of the first hour or added later.
import { defaultPullPolicy } from './image-policy.ts';
import {
  atomicList,
  boolean,
  defaulted,
  define,
  int32,
  keyedList,
  oneOf,
  required,
  setOf,
  string,
} from '../../schema/vocabulary.ts';
import { EnvFromSource, EnvVar } from './env.ts';
import { Lifecycle, Probe } from './probe.ts';
import { ResourceRequirements } from './resource-requirements.ts';
import { SecurityContext } from './security-context.ts';

export class ContainerPort extends define('io.k8s.api.core.v1.ContainerPort', {
  containerPort: required(int32),
  hostIP: string,
  hostPort: int32,
  name: string,
  protocol: defaulted(oneOf('SCTP', 'TCP', 'UDP'), 'TCP'),
}) {}

export class ContainerResizePolicy extends define('io.k8s.api.core.v1.ContainerResizePolicy', {
  resourceName: required(string),
  restartPolicy: required(string),
}) {}

export class ContainerRestartRuleOnExitCodes extends define('io.k8s.api.core.v1.ContainerRestartRuleOnExitCodes', {
  operator: required(string),
  values: setOf(int32),
}) {}

export class ContainerRestartRule extends define('io.k8s.api.core.v1.ContainerRestartRule', {
  action: required(string),
  exitCodes: ContainerRestartRuleOnExitCodes,
}) {}

export class VolumeDevice extends define('io.k8s.api.core.v1.VolumeDevice', {
  devicePath: required(string),
  name: required(string),
}) {}

export class VolumeMount extends define('io.k8s.api.core.v1.VolumeMount', {
  mountPath: required(string),
  mountPropagation: oneOf('Bidirectional', 'HostToContainer', 'None'),
  name: required(string),
  readOnly: boolean,
  recursiveReadOnly: string,
  subPath: string,
  subPathExpr: string,
}) {}

/** What every container says of itself, however it came into its pod. */
const containerFields = {
  args: atomicList(string),
  command: atomicList(string),
  env: keyedList(EnvVar, 'name'),
  envFrom: atomicList(EnvFromSource),
  image: string,
  imagePullPolicy: oneOf('Always', 'IfNotPresent', 'Never'),
  lifecycle: Lifecycle,
  livenessProbe: Probe,
  name: required(string),
  ports: keyedList(ContainerPort, ['containerPort', 'protocol']),
  readinessProbe: Probe,
  resizePolicy: atomicList(ContainerResizePolicy),
  resources: ResourceRequirements,
  restartPolicy: string,
  restartPolicyRules: atomicList(ContainerRestartRule),
  securityContext: SecurityContext,
  startupProbe: Probe,
  stdin: boolean,
  stdinOnce: boolean,
  terminationMessagePath: string,
  terminationMessagePolicy: oneOf('FallbackToLogsOnError', 'File'),
  tty: boolean,
  volumeDevices: keyedList(VolumeDevice, 'devicePath'),
  volumeMounts: keyedList(VolumeMount, 'mountPath'),
  workingDir: string,
};

const containerDefaults = {
  imagePullPolicy: ({ image }: { readonly image?: string }) => defaultPullPolicy(image),
  resources: () => ({}),
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
} as const;

export class Container extends define('io.k8s.api.core.v1.Container', containerFields, {
  defaults: containerDefaults,
}) {}

export class EphemeralContainer extends define(
  'io.k8s.api.core.v1.EphemeralContainer',
  { ...containerFields, targetContainerName: string },
  { defaults: containerDefaults },
) {}
