// What the filter and the score of topology spread share: which pods count, and on which nodes.
import { matchesSelector, selectorOf } from '../../../api/meta/selectors.ts';
import type { Selector } from '../../../api/meta/selectors.ts';
import type { TopologySpreadConstraint } from '../../../api/kinds/core/index.ts';
import { matchesNodeAffinity } from '../filters/node-affinity.ts';
import { firstUntolerated } from '../filters/tolerations.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';

const hard: ReadonlySet<string> = new Set(['NoSchedule', 'NoExecute']);

/** The constraint's selector with matchLabelKeys merged in; none matches nothing. */
export function spreadSelector(
  constraint: TopologySpreadConstraint,
  labels: Readonly<Record<string, string>>,
): Selector | undefined {
  if (constraint.labelSelector === undefined) return undefined;
  const keys = (constraint.matchLabelKeys ?? []).flatMap((key) => {
    const value = labels[key];
    return value === undefined ? [] : [{ key, operator: 'In' as const, values: [value] }];
  });
  return [...selectorOf(constraint.labelSelector), ...keys];
}

/** Whether pods count for a constraint: of the same namespace, selected, and not on their way out. */
export function matchesSpread(
  selector: Selector | undefined,
  namespace: string,
  pods: {
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly isTerminating: boolean;
  },
): boolean {
  return (
    selector !== undefined &&
    !pods.isTerminating &&
    pods.namespace === namespace &&
    matchesSelector(selector, pods.labels)
  );
}

/** Whether a node counts, by the constraint's policies for node affinity (honoured by default) and taints (ignored). */
export function isEligible(pod: PodInfo, constraint: TopologySpreadConstraint, node: NodeInfo): boolean {
  if (constraint.nodeAffinityPolicy !== 'Ignore' && !matchesNodeAffinity(pod, node)) return false;
  if (constraint.nodeTaintsPolicy !== 'Honor') return true;
  return firstUntolerated(node.taints, pod.tolerations, hard) === undefined;
}
