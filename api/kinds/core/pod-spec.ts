// PodSpec: what a pod runs, and how.
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
} from '../../schema/vocabulary.ts';
import { Affinity } from './affinity.ts';
import { Container, EphemeralContainer } from './container.ts';
import { LocalObjectReference } from './reference.ts';
import { ResourceRequirements } from './resource-requirements.ts';
import { PodSecurityContext } from './security-context.ts';
import { Toleration } from './toleration.ts';
import { TopologySpreadConstraint } from './topology-spread-constraint.ts';
import { Volume } from './volume.ts';

export class HostAlias extends define('io.k8s.api.core.v1.HostAlias', {
  hostnames: atomicList(string),
  ip: required(string),
}) {}

export class PodDNSConfigOption extends define('io.k8s.api.core.v1.PodDNSConfigOption', {
  name: string,
  value: string,
}) {}

export class PodDNSConfig extends define('io.k8s.api.core.v1.PodDNSConfig', {
  nameservers: atomicList(string),
  options: atomicList(PodDNSConfigOption),
  searches: atomicList(string),
}) {}

export class PodOS extends define('io.k8s.api.core.v1.PodOS', {
  name: required(string),
}) {}

export class PodReadinessGate extends define('io.k8s.api.core.v1.PodReadinessGate', {
  conditionType: required(string),
}) {}

export class PodResourceClaim extends define('io.k8s.api.core.v1.PodResourceClaim', {
  name: required(string),
  resourceClaimName: string,
  resourceClaimTemplateName: string,
}) {}

export class PodSchedulingGate extends define('io.k8s.api.core.v1.PodSchedulingGate', {
  name: required(string),
}) {}

export class PodSchedulingGroup extends define(
  'io.k8s.api.core.v1.PodSchedulingGroup',
  {
    podGroupName: string,
  },
  { union: { members: { podGroupName: 'PodGroupName' } } },
) {}

export class PodSpec extends define(
  'io.k8s.api.core.v1.PodSpec',
  {
    activeDeadlineSeconds: int64,
    affinity: Affinity,
    automountServiceAccountToken: boolean,
    containers: required(keyedList(Container, 'name')),
    dnsConfig: PodDNSConfig,
    dnsPolicy: oneOf('ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'),
    enableServiceLinks: boolean,
    ephemeralContainers: keyedList(EphemeralContainer, 'name'),
    hostAliases: keyedList(HostAlias, 'ip'),
    hostIPC: boolean,
    hostNetwork: boolean,
    hostPID: boolean,
    hostUsers: boolean,
    hostname: string,
    hostnameOverride: string,
    imagePullSecrets: keyedList(LocalObjectReference, 'name'),
    initContainers: keyedList(Container, 'name'),
    nodeName: string,
    nodeSelector: map(string, 'atomic'),
    os: PodOS,
    overhead: map(quantity),
    preemptionPolicy: oneOf('Never', 'PreemptLowerPriority'),
    priority: int32,
    priorityClassName: string,
    readinessGates: atomicList(PodReadinessGate),
    resourceClaims: keyedList(PodResourceClaim, 'name', { strategy: 'merge,retainKeys' }),
    resources: ResourceRequirements,
    restartPolicy: oneOf('Always', 'Never', 'OnFailure'),
    runtimeClassName: string,
    schedulerName: string,
    schedulingGates: keyedList(PodSchedulingGate, 'name'),
    schedulingGroup: PodSchedulingGroup,
    securityContext: PodSecurityContext,
    serviceAccount: string,
    serviceAccountName: string,
    setHostnameAsFQDN: boolean,
    shareProcessNamespace: boolean,
    subdomain: string,
    terminationGracePeriodSeconds: int64,
    tolerations: atomicList(Toleration),
    topologySpreadConstraints: keyedList(TopologySpreadConstraint, ['topologyKey', 'whenUnsatisfiable']),
    volumes: keyedList(Volume, 'name', { strategy: 'merge,retainKeys' }),
  },
  {
    fill(spec) {
      // The old name of the field is kept in step, for old clients.
      spec.serviceAccountName ||= spec.serviceAccount;
      if (spec.serviceAccountName) spec.serviceAccount = spec.serviceAccountName;
      else delete spec.serviceAccountName;
    },
    defaults: {
      dnsPolicy: 'ClusterFirst',
      restartPolicy: 'Always',
      schedulerName: 'default-scheduler',
      securityContext: () => ({}),
      terminationGracePeriodSeconds: 30,
    },
  },
) {}
