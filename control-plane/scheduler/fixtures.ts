// Small clusters for the scheduler's tests and benchmark.
import type { Node, Pod } from '../../api/kinds/core/index.ts';
import { createPodInfo } from './snapshot/pod-info.ts';
import type { PodInfo } from './snapshot/pod-info.ts';
import { Snapshot } from './snapshot/snapshot.ts';

export interface NodeFacts {
  readonly cpu?: string;
  readonly memory?: string;
  readonly pods?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly { key: string; value?: string; effect: string }[];
  readonly unschedulable?: boolean;
  readonly extended?: Readonly<Record<string, string>>;
  readonly images?: readonly { names: string[]; sizeBytes: number }[];
}

/** A node of 4 CPUs and 8 GiB, unless told otherwise. */
export function nodeNamed(name: string, facts: NodeFacts = {}): Node {
  const { cpu = '4', memory = '8Gi', pods = 110, labels, taints, unschedulable, extended, images } = facts;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      uid: name,
      resourceVersion: '1',
      creationTimestamp: '',
      labels: { 'kubernetes.io/hostname': name, ...labels },
    },
    spec: { taints, unschedulable },
    status: { allocatable: { cpu, memory, pods: String(pods), ...extended }, images },
  } as unknown as Node;
}

export interface PodFacts {
  readonly namespace?: string;
  readonly cpu?: string;
  readonly memory?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly controllerUid?: string;
  readonly priority?: number;
  readonly nodeName?: string;
  /** Anything else of the spec. */
  readonly spec?: object;
  readonly metadata?: object;
}

/** A pod with one container. */
export function podNamed(name: string, facts: PodFacts = {}): Pod {
  const { namespace = 'default', cpu, memory, labels, controllerUid, priority, nodeName, spec, metadata } = facts;
  const requests = { ...(cpu === undefined ? {} : { cpu }), ...(memory === undefined ? {} : { memory }) };
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'owner', uid: controllerUid, controller: true };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      uid: `uid-${name}`,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels,
      ...(controllerUid === undefined ? {} : { ownerReferences: [owner] }),
      ...metadata,
    },
    spec: {
      containers: [{ name: 'main', image: 'app', resources: { requests } }],
      priority,
      nodeName,
      schedulerName: 'default-scheduler',
      ...spec,
    },
    status: { phase: 'Pending' },
  } as unknown as Pod;
}

/** What the scheduler makes of such a pod. */
export function infoOf(name: string, facts: PodFacts = {}): PodInfo {
  return createPodInfo(podNamed(name, facts));
}

/** A snapshot of nodes, with pods on the nodes that they name. */
export function snapshotOf(nodes: readonly Node[], pods: readonly Pod[] = []): Snapshot {
  const snapshot = new Snapshot();
  for (const node of nodes) snapshot.setNode(node.metadata.name, node);
  for (const pod of pods) snapshot.setPod(createPodInfo(pod), pod.spec.nodeName ?? '');
  return snapshot;
}
