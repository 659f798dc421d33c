// Machines as rows: condition, room and what is taken of it.
import type { NodeRow, NodeState } from '../../../api/console/index.ts';
import type { Node } from '../../../api/kinds/core/index.ts';
import { bytesOf, milliOf, timeOf } from './read.ts';

/** What the pods on one machine ask for together. */
export interface NodeLoad {
  readonly pods: number;
  readonly cpuMilli: number;
  readonly memoryBytes: number;
}

export const noLoad: NodeLoad = { pods: 0, cpuMilli: 0, memoryBytes: 0 };

const rolePrefix = 'node-role.kubernetes.io/';
const unwantedWhenTrue = new Set(['MemoryPressure', 'DiskPressure', 'PIDPressure', 'NetworkUnavailable']);

function stateOf(status: string | undefined): NodeState {
  return status === 'True' ? 'ready' : status === 'False' ? 'notReady' : 'unknown';
}

/** The row of a machine with the load that its pods are. */
export function nodeRow(node: Node, load: NodeLoad): NodeRow {
  const { metadata, spec, status } = node;
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const room = status?.allocatable ?? status?.capacity ?? {};
  const labels = metadata.labels ?? {};
  const state = stateOf(ready?.status);
  return {
    uid: metadata.uid,
    name: metadata.name,
    state,
    message: state === 'ready' ? undefined : ready?.message || ready?.reason || undefined,
    cordoned: spec?.unschedulable ?? false,
    roles: Object.keys(labels).flatMap((key) => (key.startsWith(rolePrefix) ? [key.slice(rolePrefix.length)] : [])),
    address: status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '',
    version: status?.nodeInfo?.kubeletVersion ?? '',
    osImage: status?.nodeInfo?.osImage ?? '',
    kernel: status?.nodeInfo?.kernelVersion ?? '',
    runtime: status?.nodeInfo?.containerRuntimeVersion ?? '',
    architecture: status?.nodeInfo?.architecture ?? '',
    podCidr: spec?.podCIDR,
    cpuMilli: milliOf(room['cpu']),
    memoryBytes: bytesOf(room['memory']),
    podLimit: milliOf(room['pods']) / 1000,
    cpuRequestedMilli: load.cpuMilli,
    memoryRequestedBytes: load.memoryBytes,
    pods: load.pods,
    pressures: (status?.conditions ?? []).flatMap(({ type, status: value }) =>
      unwantedWhenTrue.has(type) && value === 'True' ? [type] : [],
    ),
    taints: (spec?.taints ?? []).map(({ key, value, effect }) => ({ key, value, effect })),
    labels,
    createdAt: timeOf(metadata.creationTimestamp) ?? 0,
  };
}
