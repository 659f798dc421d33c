// Whether this node takes a pod that was bound to it, decided once when the pod is first seen: the kubelet's own last
// word, whoever bound it. Pure; reasons and sentences are upstream's (pkg/kubelet/lifecycle/predicate.go).
import type { Node, Pod } from '../../../api/kinds/core/index.ts';
import { qosClassOf } from '../plan/qos.ts';
import { selectsNode, untoleratedTaint } from './node-selection.ts';
import { amountsOf, podRequests } from './pod-requests.ts';
import { sysctlProblem } from './sysctls.ts';

export interface Refusal {
  readonly reason: string;
  readonly message: string;
}

export interface AdmissionFacts {
  readonly node: Readonly<Node>;
  readonly allocatable: Readonly<Record<string, string>>;
  /** Pods that were admitted and have not ended. */
  readonly others: readonly Readonly<Pod>[];
  readonly allowedSysctls: readonly string[];
  readonly apparmor: boolean;
  readonly isShuttingDown: boolean;
}

const memoryTaint = 'node.kubernetes.io/memory-pressure';
const systemPriority = 2_000_000_000;

/** A pod that the node must run if it can at all. */
export function isCritical(pod: Readonly<Pod>): boolean {
  return isStatic(pod) || (pod.spec.priority ?? 0) >= systemPriority;
}

/** A pod from this node's own manifests. */
export function isStatic(pod: Readonly<Pod>): boolean {
  return ['file', 'http'].includes(pod.metadata.annotations?.['kubernetes.io/config.source'] ?? '');
}

export function refusalOf(pod: Readonly<Pod>, facts: AdmissionFacts): Refusal | undefined {
  if (facts.isShuttingDown)
    return { reason: 'NodeShutdown', message: 'Pod was rejected as the node is shutting down.' };
  return (
    pressureRefusal(pod, facts.node) ??
    sysctlRefusal(pod, facts.allowedSysctls) ??
    systemRefusal(pod) ??
    resourceRefusal(pod, facts) ??
    placeRefusal(pod, facts) ??
    apparmorRefusal(pod, facts.apparmor)
  );
}

/** A node that is short takes no more pods that would make it shorter. */
function pressureRefusal(pod: Readonly<Pod>, node: Readonly<Node>): Refusal | undefined {
  const pressed = (node.status?.conditions ?? [])
    .filter(({ type, status }) => type.endsWith('Pressure') && status === 'True')
    .map(({ type }) => type);
  if (pressed.length === 0 || isCritical(pod)) return undefined;
  const tolerates = (pod.spec.tolerations ?? []).some(
    ({ key = memoryTaint, operator, effect = 'NoSchedule' }) =>
      operator === 'Exists' && (key === '' || key === memoryTaint) && effect === 'NoSchedule',
  );
  const isOnlyMemory = pressed.length === 1 && pressed[0] === 'MemoryPressure';
  if (isOnlyMemory && (qosClassOf(pod) !== 'BestEffort' || tolerates)) return undefined;
  return { reason: 'Evicted', message: `The node had condition: [${pressed.join(' ')}]. ` };
}

function sysctlRefusal(pod: Readonly<Pod>, allowed: readonly string[]): Refusal | undefined {
  for (const { name } of pod.spec.securityContext?.sysctls ?? []) {
    const problem = sysctlProblem(name, pod.spec, allowed);
    if (problem !== undefined) return { reason: 'SysctlForbidden', message: `forbidden sysctl: ${problem}` };
  }
  return undefined;
}

function systemRefusal(pod: Readonly<Pod>): Refusal | undefined {
  const label = pod.metadata.labels?.['kubernetes.io/os'];
  if (label !== undefined && label !== 'linux') {
    const message = "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label";
    return { reason: 'PodOSSelectorNodeLabelDoesNotMatch', message };
  }
  const system = pod.spec.os?.name ?? 'linux';
  if (system !== 'linux')
    return { reason: 'PodOSNotSupported', message: "Failed to admit pod as the OS field doesn't match node OS" };
  return undefined;
}

/** What the pod asks for beyond what the others leave. */
export function resourceRefusal(
  pod: Readonly<Pod>,
  { allocatable, others }: Pick<AdmissionFacts, 'allocatable' | 'others'>,
): Refusal | undefined {
  const capacities = amountsOf(allocatable);
  const told = (name: string, requested: number, used: number, capacity: number): Refusal => ({
    reason: `OutOf${name}`,
    message: `Node didn't have enough resource: ${name}, requested: ${requested}, used: ${used}, capacity: ${capacity}`,
  });
  const mostPods = capacities.get('pods') ?? Infinity;
  if (others.length + 1 > mostPods) return told('pods', 1, others.length, mostPods);
  const requests = podRequests(pod);
  const taken = others.map(podRequests);
  for (const [name, requested] of requests) {
    const capacity = capacities.get(name);
    // What the node does not know is somebody else's to count: a resource of the whole cluster.
    if (requested === 0 || capacity === undefined) continue;
    const used = taken.reduce((total, amounts) => total + (amounts.get(name) ?? 0), 0);
    if (requested > capacity - used) return told(name, requested, used, capacity);
  }
  return undefined;
}

function placeRefusal(pod: Readonly<Pod>, { node, others }: AdmissionFacts): Refusal | undefined {
  const failed = (name: string, why: string): Refusal => ({
    reason: name,
    message: `Predicate ${name} failed: ${why}`,
  });
  if (!selectsNode(pod, node)) return failed('NodeAffinity', "node(s) didn't match Pod's node affinity/selector");
  const ports = hostPorts(pod);
  if (others.flatMap(hostPorts).some((taken) => ports.some((port) => collide(port, taken))))
    return failed('NodePorts', "node(s) didn't have free ports for the requested pod ports");
  if (!isStatic(pod) && untoleratedTaint(pod, node) !== undefined)
    return failed('TaintToleration', "node(s) had taints that the pod didn't tolerate");
  return undefined;
}

interface HostPort {
  readonly address: string;
  readonly port: number;
  readonly protocol: string;
}

function hostPorts(pod: Readonly<Pod>): HostPort[] {
  const sidecars = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...sidecars, ...pod.spec.containers].flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort = 0, hostIP = '0.0.0.0', protocol = 'TCP' }) =>
      hostPort > 0 ? [{ address: hostIP === '' ? '0.0.0.0' : hostIP, port: hostPort, protocol }] : [],
    ),
  );
}

function collide(a: HostPort, b: HostPort): boolean {
  const sameAddress = a.address === b.address || a.address === '0.0.0.0' || b.address === '0.0.0.0';
  return a.port === b.port && a.protocol === b.protocol && sameAddress;
}

function apparmorRefusal(pod: Readonly<Pod>, hasApparmor: boolean): Refusal | undefined {
  if (hasApparmor) return undefined;
  const contexts = [pod.spec, ...(pod.spec.initContainers ?? []), ...pod.spec.containers].map(
    ({ securityContext }) => securityContext,
  );
  const isAsked = contexts.some((context) => context?.appArmorProfile?.type === 'Localhost');
  return isAsked
    ? { reason: 'AppArmor', message: 'Cannot enforce AppArmor: AppArmor is not enabled on the host' }
    : undefined;
}
