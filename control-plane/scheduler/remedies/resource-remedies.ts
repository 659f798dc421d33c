// Remedies for what a node has too little of: pods moved away until there is room, or a smaller request.
import { controllerOf } from '../../../api/meta/object-meta.ts';
import { formatAmount } from '../filters/node-resources.ts';
import type { NodeInfo } from '../snapshot/node-info.ts';
import type { PodInfo } from '../snapshot/pod-info.ts';
import type { PodRequests } from '../snapshot/resources.ts';
import type { Candidate } from './remedy.ts';

interface Shortage {
  readonly resource: string;
  readonly asked: number;
  readonly total: number;
  readonly free: number;
  readonly of: (requests: PodRequests) => number;
  /** The request with this amount in place of what is asked. */
  readonly lower: (requests: PodRequests, amount: number) => Partial<PodRequests>;
}

/** A pod moved costs so much besides what it frees. */
const moveCost = 0.05;

/** Pods that may be moved: not those of every node, nor what a node runs by itself. */
export function movablePods(node: NodeInfo): PodInfo[] {
  return [...node.pods.values()].filter(
    ({ pod }) =>
      controllerOf(pod)?.kind !== 'DaemonSet' &&
      pod.metadata.annotations?.['kubernetes.io/config.mirror'] === undefined,
  );
}

/** Room for one more pod. */
export function* podSlotRemedies(node: NodeInfo): Iterable<Candidate> {
  const [cheapest] = movablePods(node).sort((a, b) => a.priority - b.priority || (a.key < b.key ? -1 : 1));
  if (cheapest) yield moveCandidate(node, [cheapest], 0);
}

/** Away with these pods. */
export function moveCandidate(node: NodeInfo, pods: readonly PodInfo[], share: number): Candidate {
  const keys = pods.map(({ key }) => key).sort();
  return {
    kind: 'move-pods',
    node: node.name,
    cost: 0.1 + share + moveCost * keys.length,
    sentence: { key: 'remedyMove', values: { node: node.name, pods: keys.join(', ') } },
    change: { type: 'pods-moved', pods: keys },
  };
}

/** Room for what the pod asks for, or less asked for. */
export function* resourceRemedies(node: NodeInfo, { requests }: PodInfo): Iterable<Candidate> {
  const shortages = shortagesOf(node, requests);
  if (shortages.length === 0) return;
  const list = (amountOf: (shortage: Shortage) => number): string =>
    shortages.map((one) => `${formatAmount(one.resource, amountOf(one))} ${one.resource}`).join(', ');
  const cost = shortages.reduce((sum, { asked, free, total }) => sum + (asked - free) / Math.max(1, total), 0);
  const leaving = shortages.every(({ asked, total }) => asked <= total) ? podsToMove(node, shortages) : undefined;
  if (leaving) {
    const values = { node: node.name, amount: list(({ asked, free }) => asked - free) };
    const pods = leaving.map(({ key }) => key);
    const change = { type: 'pods-moved', pods } as const;
    yield { kind: 'free-resources', node: node.name, cost, sentence: { key: 'remedyFree', values }, change };
  }
  if (shortages.every(({ free }) => free > 0)) {
    const lowered = Object.assign({}, ...shortages.map((one) => one.lower(requests, one.free))) as Partial<PodRequests>;
    yield {
      kind: 'lower-requests',
      node: node.name,
      // Lowering a request touches the workload itself: dearer than freeing the same amount.
      cost: cost * 1.5,
      sentence: { key: 'remedyLower', values: { node: node.name, amount: list(({ free }) => free) } },
      change: { type: 'requests-lowered', requests: lowered },
    };
  }
}

function shortagesOf({ allocatable, requested }: NodeInfo, requests: PodRequests): Shortage[] {
  const plain = (resource: string, name: 'milliCpu' | 'memoryBytes' | 'storageBytes'): Shortage => ({
    resource,
    asked: requests[name],
    total: allocatable[name],
    free: allocatable[name] - requested[name],
    of: (other) => other[name],
    lower: (_, amount) => ({ [name]: amount }),
  });
  const extended = [...(requests.extended ?? [])].map(([resource, asked]): Shortage => {
    const total = allocatable.extended?.get(resource) ?? 0;
    return {
      resource,
      asked,
      total,
      free: total - (requested.extended?.get(resource) ?? 0),
      of: (other) => other.extended?.get(resource) ?? 0,
      lower: (all, amount) => ({ extended: new Map([...(all.extended ?? []), [resource, amount]]) }),
    };
  });
  const all = [
    plain('cpu', 'milliCpu'),
    plain('memory', 'memoryBytes'),
    plain('ephemeral-storage', 'storageBytes'),
    ...extended,
  ];
  return all.filter(({ asked, free }) => asked > 0 && asked > free);
}

/** The least important pods that together free enough: one that suffices alone before several. */
function podsToMove(node: NodeInfo, shortages: readonly Shortage[]): PodInfo[] | undefined {
  const missing = (moved: readonly PodInfo[]): boolean =>
    shortages.some(({ asked, free, of }) => moved.reduce((sum, { requests }) => sum + of(requests), free) < asked);
  const weight = ({ requests }: PodInfo): number =>
    shortages.reduce((sum, { of, total }) => sum + of(requests) / Math.max(1, total), 0);
  const helpful = movablePods(node)
    .filter((pod) => weight(pod) > 0)
    .sort((a, b) => a.priority - b.priority || weight(a) - weight(b) || (a.key < b.key ? -1 : 1));
  const alone = helpful.find((pod) => !missing([pod]));
  if (alone) return [alone];
  const several: PodInfo[] = [];
  for (const pod of helpful.reverse()) {
    several.push(pod);
    if (!missing(several)) return several;
  }
  return undefined;
}
