// When a pod must leave its node because of the node's NoExecute taints. Pure.
import type { Node, Pod } from '../../../api/kinds/core/index.ts';
import { tolerates } from '../../scheduler/filters/tolerations.ts';
import { notReadyTaint, unreachableTaint } from './plan.ts';

/**
 * The moment from which the pod may no longer stay, or undefined when it may stay for good. The shortest toleration of
 * all that match counts, as upstream has it, from the moment each taint was set. A pod that names neither way of a node
 * being lost gets `defaultLostMs` for both.
 */
export function planEvictionMs(pod: Readonly<Pod>, node: Readonly<Node>, defaultLostMs: number): number | undefined {
  const tolerations = pod.spec.tolerations ?? [];
  let leaveMs: number | undefined;
  for (const taint of node.spec?.taints ?? []) {
    if (taint.effect !== 'NoExecute') continue;
    const matching = tolerations.filter((toleration) => tolerates([toleration], taint));
    const sinceMs = taint.timeAdded ? Date.parse(taint.timeAdded) : 0;
    const isLost = taint.key === notReadyTaint || taint.key === unreachableTaint;
    let stayMs: number;
    if (matching.length === 0) stayMs = isLost ? defaultLostMs : 0;
    else {
      const limits = matching.flatMap(({ tolerationSeconds }) =>
        tolerationSeconds === undefined || tolerationSeconds === null ? [] : [Math.max(tolerationSeconds, 0) * 1000],
      );
      if (limits.length === 0) continue;
      stayMs = Math.min(...limits);
    }
    leaveMs = Math.min(leaveMs ?? Infinity, sinceMs + stayMs);
  }
  return leaveMs;
}
