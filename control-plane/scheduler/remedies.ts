// The cheapest single changes that would let a pod fit: free so much on a node, lower a request, remove a taint, uncordon,
// label. Each is tried on a copy of the node against every filter before it is suggested. Pure.
import type { Taint } from '../../api/kinds/core/index.ts';
import { formatAmount } from './filters/node-resources.ts';
import { firstUntolerated, formatTaint } from './filters/tolerations.ts';
import { firstRefusal, prepareFilters } from './schedule.ts';
import type { Profile } from './profile.ts';
import type { NodeInfo } from './snapshot/node-info.ts';
import type { PodInfo } from './snapshot/pod-info.ts';
import type { Snapshot } from './snapshot/snapshot.ts';
import type { Sentence } from './sentences.ts';

export type RemedyKind = 'free-resources' | 'lower-requests' | 'remove-taint' | 'uncordon' | 'add-label';

export interface Remedy {
  readonly kind: RemedyKind;
  readonly node: string;
  readonly sentence: Sentence;
  /** What it takes, for comparison only: shares of a node for resources, small constants for one-line changes. */
  readonly cost: number;
}

/** A change to try on a copy of a node, with the pod as it would then be judged. */
interface Candidate extends Remedy {
  readonly apply: (copy: NodeInfo) => void;
}

const hard: ReadonlySet<string> = new Set(['NoSchedule', 'NoExecute']);
const mostSuggestions = 5;
/** A cordon, a taint or a label costs as much as this share of a node's resources. */
const administrativeCost = 0.1;

/** The changes that each alone would let the pod fit on some node, the cheapest first and one kind per node. */
export function planRemedies(snapshot: Snapshot, pod: PodInfo, profile: Profile): Remedy[] {
  const filters = prepareFilters(snapshot, pod, profile);
  const remedies: Remedy[] = [];
  for (const node of snapshot.nodes) {
    for (const { apply, ...remedy } of candidatesFor(node, pod)) {
      const copy = node.clone();
      apply(copy);
      if (firstRefusal(filters, copy) === undefined) remedies.push(remedy);
    }
  }
  return remedies.sort((a, b) => a.cost - b.cost).slice(0, mostSuggestions);
}

function candidatesFor(node: NodeInfo, pod: PodInfo): Candidate[] {
  const candidates: Candidate[] = [...resourceCandidates(node, pod)];
  const name = node.name;
  if (node.unschedulable) {
    const sentence: Sentence = { key: 'remedyUncordon', values: { node: name } };
    candidates.push({
      kind: 'uncordon',
      node: name,
      cost: administrativeCost,
      sentence,
      apply: (copy) => void (copy.unschedulable = false),
    });
  }
  const taint = firstUntolerated(node.taints, pod.tolerations, hard);
  if (taint) candidates.push(taintCandidate(node, taint));
  const missing = pod.nodeSelector.filter(([key, value]) => node.labels[key] !== value);
  if (missing.length > 0) {
    const label = missing.map(([key, value]) => `${key}=${value}`).join(' ');
    const sentence: Sentence = { key: 'remedyLabel', values: { node: name, label } };
    const apply = (copy: NodeInfo): void => void (copy.labels = { ...copy.labels, ...Object.fromEntries(missing) });
    candidates.push({ kind: 'add-label', node: name, cost: administrativeCost * missing.length, sentence, apply });
  }
  return candidates;
}

function taintCandidate(node: NodeInfo, taint: Taint): Candidate {
  return {
    kind: 'remove-taint',
    node: node.name,
    cost: administrativeCost,
    sentence: { key: 'remedyTaint', values: { node: node.name, taint: formatTaint(taint) } },
    apply: (copy) => void (copy.taints = copy.taints.filter((other) => other !== taint)),
  };
}

function* resourceCandidates(node: NodeInfo, { requests }: PodInfo): Iterable<Candidate> {
  const { allocatable, requested } = node;
  const shortages = [
    {
      resource: 'cpu',
      asked: requests.milliCpu,
      total: allocatable.milliCpu,
      free: allocatable.milliCpu - requested.milliCpu,
    },
    {
      resource: 'memory',
      asked: requests.memoryBytes,
      total: allocatable.memoryBytes,
      free: allocatable.memoryBytes - requested.memoryBytes,
    },
  ].filter(({ asked, free }) => asked > 0 && asked > free);
  if (shortages.length === 0) return;
  const list = (amountOf: (shortage: (typeof shortages)[number]) => number): string =>
    shortages
      .map((shortage) => `${formatAmount(shortage.resource, amountOf(shortage))} ${shortage.resource}`)
      .join(', ');
  const cost = shortages.reduce((sum, { asked, free, total }) => sum + (asked - free) / Math.max(1, total), 0);
  const relieve = (copy: NodeInfo): void => {
    for (const { resource, asked, free } of shortages) {
      if (resource === 'cpu') copy.requested.milliCpu -= asked - free;
      else copy.requested.memoryBytes -= asked - free;
    }
  };
  if (shortages.every(({ asked, total }) => asked <= total)) {
    const values = { node: node.name, amount: list(({ asked, free }) => asked - free) };
    yield { kind: 'free-resources', node: node.name, cost, sentence: { key: 'remedyFree', values }, apply: relieve };
  }
  if (shortages.every(({ free }) => free > 0)) {
    const values = { node: node.name, amount: list(({ free }) => free) };
    // Lowering a request touches the workload itself: dearer than freeing the same amount.
    yield {
      kind: 'lower-requests',
      node: node.name,
      cost: cost * 1.5,
      sentence: { key: 'remedyLower', values },
      apply: relieve,
    };
  }
}
