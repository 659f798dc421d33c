// The baseline level: what lets a container take hold of its host. One entry for each control of the Pod Security
// Standards (https://kubernetes.io/docs/concepts/security/pod-security-standards/), in their order.
import {
  containersOf,
  failing,
  hasUserNamespace,
  namedContainers,
  plural,
  quoted,
  settersOf,
  sorted,
  type AnyContainer,
  type Check,
  type Fault,
  type PodLike,
} from './check.ts';
import { sysctlVersions } from './safe-sysctls.ts';
import { profileChecks } from './profile-checks.ts';

const defaultCapabilities = new Set(
  'AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT'.split(
    ' ',
  ),
);

function hostProcess(pod: PodLike): Fault | undefined {
  const bySpec = pod.spec.securityContext?.windowsOptions?.hostProcess === true;
  const bad = failing(pod, ({ securityContext }) => securityContext?.windowsOptions?.hostProcess === true);
  if (!bySpec && bad.length === 0) return undefined;
  return {
    reason: 'hostProcess',
    detail: `${settersOf(bySpec, bad)} must not set securityContext.windowsOptions.hostProcess=true`,
  };
}

function hostNamespaces({ spec }: PodLike): Fault | undefined {
  const shared = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((field) => spec[field] === true);
  if (shared.length === 0) return undefined;
  return { reason: 'host namespaces', detail: shared.map((field) => `${field}=true`).join(', ') };
}

function privilegedContainers(pod: PodLike): Fault | undefined {
  const bad = failing(pod, ({ securityContext }) => securityContext?.privileged === true);
  if (bad.length === 0) return undefined;
  return { reason: 'privileged', detail: `${namedContainers(bad)} must not set securityContext.privileged=true` };
}

function addedCapabilities(pod: PodLike): Fault | undefined {
  const excess = ({ securityContext }: AnyContainer): string[] =>
    (securityContext?.capabilities?.add ?? []).filter((name) => !defaultCapabilities.has(name));
  const bad = failing(pod, (container) => excess(container).length > 0);
  if (bad.length === 0) return undefined;
  return {
    reason: 'non-default capabilities',
    detail: `${namedContainers(bad)} must not include ${quoted(sorted(containersOf(pod).flatMap(excess)))} in securityContext.capabilities.add`,
  };
}

function hostPathVolumes({ spec }: PodLike): Fault | undefined {
  const bad = (spec.volumes ?? []).filter(({ hostPath }) => hostPath !== undefined).map(({ name }) => name);
  if (bad.length === 0) return undefined;
  return { reason: 'hostPath volumes', detail: `${plural('volume', bad.length)} ${quoted(bad)}` };
}

function hostPorts(pod: PodLike): Fault | undefined {
  const portsOf = ({ ports }: AnyContainer): string[] =>
    (ports ?? []).flatMap(({ hostPort = 0 }) => (hostPort === 0 ? [] : [String(hostPort)]));
  const bad = failing(pod, (container) => portsOf(container).length > 0);
  if (bad.length === 0) return undefined;
  const ports = sorted(containersOf(pod).flatMap(portsOf));
  const verb = bad.length === 1 ? 'uses' : 'use';
  return {
    reason: 'hostPort',
    detail: `${namedContainers(bad)} ${verb} ${plural('hostPort', ports.length)} ${ports.join(', ')}`,
  };
}

function probeHosts(pod: PodLike): Fault | undefined {
  const hostsOf = (container: AnyContainer): string[] => {
    const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container;
    return [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop].flatMap((handler) =>
      [handler?.httpGet?.host, handler?.tcpSocket?.host].filter((host): host is string => Boolean(host)),
    );
  };
  const bad = sorted(failing(pod, (container) => hostsOf(container).length > 0));
  if (bad.length === 0) return undefined;
  const hosts = sorted(containersOf(pod).flatMap(hostsOf));
  const verb = bad.length === 1 ? 'uses' : 'use';
  return {
    reason: 'probe or lifecycle host',
    detail: `${namedContainers(bad)} ${verb} ${plural('probe or lifecycle host', hosts.length)} ${quoted(hosts)}`,
  };
}

/** /proc without its masks. */
export function unmaskedProc(pod: PodLike): Fault | undefined {
  const mountOf = ({ securityContext }: AnyContainer): string => securityContext?.procMount ?? 'Default';
  const bad = failing(pod, (container) => mountOf(container) !== 'Default');
  if (bad.length === 0) return undefined;
  const mounts = sorted(containersOf(pod).map(mountOf)).filter((mount) => mount !== 'Default');
  return {
    reason: 'procMount',
    detail: `${namedContainers(bad)} must not set securityContext.procMount to ${quoted(mounts)}`,
  };
}

/** The controls of the baseline level. */
export const baselineChecks: readonly Check[] = [
  { id: 'windowsHostProcess', level: 'baseline', versions: [{ since: 0, judge: hostProcess }] },
  { id: 'hostNamespaces', level: 'baseline', versions: [{ since: 0, judge: hostNamespaces }] },
  { id: 'privileged', level: 'baseline', versions: [{ since: 0, judge: privilegedContainers }] },
  { id: 'capabilities_baseline', level: 'baseline', versions: [{ since: 0, judge: addedCapabilities }] },
  { id: 'hostPathVolumes', level: 'baseline', versions: [{ since: 0, judge: hostPathVolumes }] },
  { id: 'hostPorts', level: 'baseline', versions: [{ since: 0, judge: hostPorts }] },
  { id: 'hostProbesAndHostLifecycle', level: 'baseline', versions: [{ since: 34, judge: probeHosts }] },
  ...profileChecks,
  {
    id: 'procMount',
    level: 'baseline',
    versions: [
      { since: 0, judge: unmaskedProc },
      { since: 35, judge: (pod) => (hasUserNamespace(pod) ? undefined : unmaskedProc(pod)) },
    ],
  },
  { id: 'sysctls', level: 'baseline', versions: sysctlVersions },
];
