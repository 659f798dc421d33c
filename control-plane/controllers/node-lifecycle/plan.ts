// What a node's silence or conditions mean for the node itself: conditions to report and taints to carry. Pure.
import type { Node, NodeCondition, Taint } from '../../../api/kinds/core/index.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { conditionOf } from '../conditions.ts';

export const notReadyTaint = 'node.kubernetes.io/not-ready';
export const unreachableTaint = 'node.kubernetes.io/unreachable';

const reported = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

/** Conditions of a node that has fallen silent, or nothing when they say so already. */
export function planSilentConditions(node: Readonly<Node>, nowMs: number): NodeCondition[] | undefined {
  const conditions = [...(node.status?.conditions ?? [])];
  let isChanged = false;
  for (const type of reported) {
    const at = conditions.findIndex((condition) => condition.type === type);
    const known = conditions[at];
    if (known?.status === 'Unknown') continue;
    isChanged = true;
    const next: NodeCondition = known
      ? {
          ...known,
          status: 'Unknown',
          reason: 'NodeStatusUnknown',
          message: 'Kubelet stopped posting node status.',
          lastTransitionTime: formatTime(nowMs),
        }
      : {
          type,
          status: 'Unknown',
          reason: 'NodeStatusNeverUpdated',
          message: 'Kubelet never posted node status.',
          lastHeartbeatTime: node.metadata.creationTimestamp,
          lastTransitionTime: formatTime(nowMs),
        };
    if (at === -1) conditions.push(next);
    else conditions[at] = next;
  }
  return isChanged ? conditions : undefined;
}

/** The NoExecute taint that the Ready condition calls for. */
export function evictionTaintOf(node: Readonly<Node>): typeof notReadyTaint | typeof unreachableTaint | undefined {
  const ready = conditionOf(node.status?.conditions, 'Ready');
  if (ready?.status === 'True') return undefined;
  return ready === undefined || ready.status === 'Unknown' ? unreachableTaint : notReadyTaint;
}

/** Taints that keep new pods away, from conditions and from `spec.unschedulable`. */
function schedulingTaints(node: Readonly<Node>): Set<string> {
  const is = (type: string): boolean => conditionOf(node.status?.conditions, type)?.status === 'True';
  const keys = new Set<string>();
  const lost = evictionTaintOf(node);
  if (lost) keys.add(lost);
  if (is('MemoryPressure')) keys.add('node.kubernetes.io/memory-pressure');
  if (is('DiskPressure')) keys.add('node.kubernetes.io/disk-pressure');
  if (is('PIDPressure')) keys.add('node.kubernetes.io/pid-pressure');
  if (is('NetworkUnavailable')) keys.add('node.kubernetes.io/network-unavailable');
  if (node.spec?.unschedulable) keys.add('node.kubernetes.io/unschedulable');
  return keys;
}

const managedKeys = new Set([
  notReadyTaint,
  unreachableTaint,
  'node.kubernetes.io/memory-pressure',
  'node.kubernetes.io/disk-pressure',
  'node.kubernetes.io/pid-pressure',
  'node.kubernetes.io/network-unavailable',
  'node.kubernetes.io/unschedulable',
]);

/**
 * The taints that the node should carry, or nothing when it does. Taints of others stay untouched.
 * @param eviction whether a NoExecute taint that is called for may be set now, stays if it is there, or is called off; one
 *   that is no longer called for always goes
 */
export function planTaints(
  node: Readonly<Node>,
  eviction: 'allowed' | 'rationed' | 'called-off',
  nowMs: number,
): Taint[] | undefined {
  const present = node.spec?.taints ?? [];
  const noSchedule = schedulingTaints(node);
  const lost = evictionTaintOf(node);
  const isWanted = (taint: Readonly<Taint>): boolean => {
    if (!managedKeys.has(taint.key)) return true;
    if (taint.effect === 'NoSchedule') return noSchedule.has(taint.key);
    if (taint.effect !== 'NoExecute' || (taint.key !== notReadyTaint && taint.key !== unreachableTaint)) return true;
    return taint.key === lost && eviction !== 'called-off';
  };
  const has = (key: string, effect: string): boolean =>
    present.some((taint) => taint.key === key && taint.effect === effect);
  const kept = present.filter(isWanted);
  const added: Taint[] = [...noSchedule]
    .filter((key) => !has(key, 'NoSchedule'))
    .map((key) => ({ key, effect: 'NoSchedule', timeAdded: formatTime(nowMs) }));
  // A switch between the two reasons for being lost keeps evicting; only becoming lost is rationed.
  const wasLost = present.some(
    (taint) => taint.effect === 'NoExecute' && (taint.key === notReadyTaint || taint.key === unreachableTaint),
  );
  if (lost && !has(lost, 'NoExecute') && eviction !== 'called-off' && (eviction === 'allowed' || wasLost)) {
    added.push({ key: lost, effect: 'NoExecute', timeAdded: formatTime(nowMs) });
  }
  return added.length === 0 && kept.length === present.length ? undefined : [...kept, ...added];
}
