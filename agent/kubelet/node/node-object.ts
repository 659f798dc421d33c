// The Node object and its status from the machine's facts. Pure.
import type { Node, NodeCondition, NodeStatus } from '../../../api/kinds/core/index.ts';
import type { Draft } from '../../../api/meta/object-meta.ts';
import { quantityToBytes, quantityToMilli } from '../../../api/meta/quantity.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { kubernetesVersion } from '../../../machinery/kubernetes-version.ts';
import type { AgentTaint } from '../../flags.ts';
import type { RuntimeImage } from '../../runtime/container-runtime.ts';
import type { MachineFacts } from './machine-facts.ts';

export interface NodeIdentity {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly AgentTaint[];
  readonly maxPods: number;
  readonly listenPort: number;
  readonly runtimeVersion: string;
  readonly recursiveReadOnly: boolean;
  readonly diskBytes: number;
  /** Kept from pods for the machine itself, by resource. */
  readonly reserved: Readonly<Record<string, string>>;
}

/** What may press on the node, and what keeps it from being ready. */
export interface NodeHealth {
  /** Sentences; none means ready. */
  readonly notReady: readonly string[];
  readonly memoryPressure: boolean;
  readonly diskPressure: boolean;
  readonly pidPressure: boolean;
}

/** Kept free for the machine itself, as upstream's default hard eviction threshold. */
const reservedMemoryBytes = 100 * 1024 * 1024;
const usableDiskShare = 0.9;
const mostImages = 50;

/** Labels that every node carries. */
export function nodeLabels(identity: NodeIdentity, machine: MachineFacts): Record<string, string> {
  return {
    'kubernetes.io/hostname': identity.name,
    'kubernetes.io/os': 'linux',
    'kubernetes.io/arch': machine.architecture,
    'beta.kubernetes.io/os': 'linux',
    'beta.kubernetes.io/arch': machine.architecture,
    ...identity.labels,
  };
}

export function nodeDraft(identity: NodeIdentity, machine: MachineFacts, status: NodeStatus): Draft<Node> {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: identity.name, labels: nodeLabels(identity, machine) },
    spec: { ...(identity.taints.length > 0 && { taints: identity.taints.map((taint) => ({ ...taint })) }) },
    status,
  };
}

export function capacityOf(identity: NodeIdentity, machine: MachineFacts): Record<string, string> {
  return {
    cpu: String(machine.cpus),
    memory: `${Math.floor(machine.memoryBytes / 1024)}Ki`,
    'ephemeral-storage': `${Math.floor(identity.diskBytes / 1024)}Ki`,
    pods: String(identity.maxPods),
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
  };
}

/** What pods may have: everything but what is reserved and what hard eviction keeps free. */
export function allocatableOf(identity: NodeIdentity, machine: MachineFacts): Record<string, string> {
  const { reserved } = identity;
  const reservedBytes = (resource: string): number => quantityToBytes(reserved[resource] ?? '0');
  const cpuMilli = Math.max(machine.cpus * 1000 - quantityToMilli(reserved['cpu'] ?? '0'), 0);
  const memoryBytes = Math.max(machine.memoryBytes - reservedMemoryBytes - reservedBytes('memory'), 0);
  const diskBytes = Math.max(identity.diskBytes * usableDiskShare - reservedBytes('ephemeral-storage'), 0);
  return {
    ...capacityOf(identity, machine),
    cpu: cpuMilli % 1000 === 0 ? String(cpuMilli / 1000) : `${cpuMilli}m`,
    memory: `${Math.floor(memoryBytes / 1024)}Ki`,
    'ephemeral-storage': String(Math.floor(diskBytes)),
  };
}

export function nodeStatus(
  identity: NodeIdentity,
  machine: MachineFacts,
  health: NodeHealth,
  images: readonly RuntimeImage[],
  before: readonly NodeCondition[],
  nowMs: number,
): NodeStatus {
  return {
    capacity: capacityOf(identity, machine),
    allocatable: allocatableOf(identity, machine),
    addresses: [
      ...identity.addresses.map((address) => ({ type: 'InternalIP', address })),
      { type: 'Hostname', address: identity.name },
    ],
    conditions: conditionsOf(health).map((condition) => timed(condition, before, nowMs)),
    daemonEndpoints: { kubeletEndpoint: { Port: identity.listenPort } },
    nodeInfo: {
      architecture: machine.architecture,
      bootID: machine.bootId,
      containerRuntimeVersion: identity.runtimeVersion,
      kernelVersion: machine.kernelVersion,
      kubeProxyVersion: '',
      kubeletVersion: kubernetesVersion,
      machineID: machine.machineId,
      operatingSystem: 'linux',
      osImage: machine.osImage,
      systemUUID: machine.systemUuid,
    },
    images: [...images]
      .sort((a, b) => b.sizeBytes - a.sizeBytes)
      .slice(0, mostImages)
      .map(({ tags, digests, sizeBytes }) => ({ names: [...digests, ...tags], sizeBytes })),
    runtimeHandlers: [
      { name: '', features: { recursiveReadOnlyMounts: identity.recursiveReadOnly, userNamespaces: false } },
    ],
  };
}

type PlainCondition = Pick<NodeCondition, 'type' | 'status' | 'reason' | 'message'>;

function conditionsOf(health: NodeHealth): PlainCondition[] {
  const supply = (type: string, isShort: boolean, what: string, title: string): PlainCondition => ({
    type,
    status: isShort ? 'True' : 'False',
    reason: `KubeletHas${isShort ? 'Insufficient' : 'Sufficient'}${title}`,
    message: `kubelet has ${isShort ? 'insufficient' : 'sufficient'} ${what} available`,
  });
  const isReady = health.notReady.length === 0;
  return [
    supply('MemoryPressure', health.memoryPressure, 'memory', 'Memory'),
    {
      type: 'DiskPressure',
      status: health.diskPressure ? 'True' : 'False',
      reason: health.diskPressure ? 'KubeletHasDiskPressure' : 'KubeletHasNoDiskPressure',
      message: `kubelet has ${health.diskPressure ? '' : 'no '}disk pressure`,
    },
    supply('PIDPressure', health.pidPressure, 'PID', 'PID'),
    {
      type: 'Ready',
      status: isReady ? 'True' : 'False',
      reason: isReady ? 'KubeletReady' : 'KubeletNotReady',
      message: isReady ? 'kubelet is posting ready status' : health.notReady.join('; '),
    },
  ];
}

function timed(condition: PlainCondition, before: readonly NodeCondition[], nowMs: number): NodeCondition {
  const old = before.find(({ type }) => type === condition.type);
  const isSame = old?.status === condition.status && old.lastTransitionTime !== undefined;
  return {
    ...condition,
    lastHeartbeatTime: formatTime(nowMs),
    lastTransitionTime: isSame ? old.lastTransitionTime : formatTime(nowMs),
  };
}
