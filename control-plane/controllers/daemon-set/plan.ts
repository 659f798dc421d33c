// What a DaemonSet needs: nodes to make pods for, pods to delete, and its status. Pure.
import type { DaemonSet, DaemonSetStatus } from '../../../api/kinds/apps/index.ts';
import type { Node, Pod } from '../../../api/kinds/core/index.ts';
import { scaledValue } from '../../../api/meta/int-or-string.ts';
import { isAvailable, isFinished, isReady, nextAvailableMs } from '../pod-state.ts';
import { revisionHashLabel } from '../revision-history.ts';
import { belongsOn, nodeNameOf } from './nodes.ts';

export interface DaemonSetPlan {
  /** Nodes that need a pod. */
  create: string[];
  delete: Readonly<Pod>[];
  /** Pods that ended and are replaced: told as events. */
  ended: Readonly<Pod>[];
}

interface OnNode {
  node: string;
  /** The pod of the present template, and the one of an earlier one. */
  current?: Readonly<Pod>;
  former?: Readonly<Pod>;
}

/** @param hash the revision hash of the present template */
export function planDaemonSet(
  daemonSet: Readonly<DaemonSet>,
  nodes: readonly Readonly<Node>[],
  pods: readonly Readonly<Pod>[],
  hash: string,
  nowMs: number,
): DaemonSetPlan {
  const plan: DaemonSetPlan = { create: [], delete: [], ended: [] };
  if (daemonSet.metadata.deletionTimestamp !== undefined) return plan;
  const limits = limitsOf(daemonSet, nodes);
  const perNode = podsPerNode(pods);
  const settled: OnNode[] = [];
  for (const node of nodes) {
    const { name } = node.metadata;
    const here = perNode.get(name) ?? [];
    perNode.delete(name);
    const { mayStart, mayStay } = belongsOn(daemonSet, node);
    const staying = here.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    if (!mayStay) plan.delete.push(...staying);
    else {
      plan.ended.push(...staying.filter(isFinished));
      const running = staying.filter((pod) => !isFinished(pod)).sort(olderFirst);
      const current = running.filter((pod) => pod.metadata.labels?.[revisionHashLabel] === hash);
      const former = running.filter((pod) => pod.metadata.labels?.[revisionHashLabel] !== hash);
      const keep = limits.maxSurge > 0 ? [current[0], former[0]] : [running[0]];
      plan.delete.push(...running.filter((pod) => !keep.includes(pod)));
      if (mayStart && here.length === 0) plan.create.push(name);
      if (mayStart)
        settled.push({
          node: name,
          current: keep.find((pod) => pod && current.includes(pod)),
          former: keep.find((pod) => pod && former.includes(pod)),
        });
    }
  }
  // Pods of nodes that are gone are the pod collector's, but one that still waits for such a node will never run.
  for (const here of perNode.values())
    plan.delete.push(
      ...here.filter(({ spec, metadata }) => !spec.nodeName && metadata.deletionTimestamp === undefined),
    );
  plan.delete.push(...plan.ended);
  if (daemonSet.spec.updateStrategy?.type !== 'OnDelete') roll(daemonSet, settled, limits, plan, nowMs);
  return plan;
}

/** Replaces pods of earlier templates, within the limits. */
function roll(
  daemonSet: Readonly<DaemonSet>,
  settled: readonly OnNode[],
  limits: { maxSurge: number; maxUnavailable: number },
  plan: DaemonSetPlan,
  nowMs: number,
): void {
  const minReadySeconds = daemonSet.spec.minReadySeconds ?? 0;
  const works = (pod: Readonly<Pod> | undefined): boolean =>
    pod !== undefined && isAvailable(pod, minReadySeconds, nowMs);
  if (limits.maxSurge > 0) {
    let surging = settled.filter(({ current, former }) => current && former).length;
    for (const { node, current, former } of settled) {
      if (former === undefined) continue;
      if (works(current)) plan.delete.push(former);
      else if (current === undefined && (!works(former) || surging < limits.maxSurge)) {
        plan.create.push(node);
        if (works(former)) surging++;
      }
    }
    return;
  }
  let unavailable = settled.filter(({ current, former }) => !works(current ?? former)).length;
  for (const { former } of settled) {
    if (former === undefined || plan.delete.includes(former)) continue;
    if (!works(former)) plan.delete.push(former);
    else if (unavailable < limits.maxUnavailable) {
      plan.delete.push(former);
      unavailable++;
    }
  }
}

function limitsOf(
  daemonSet: Readonly<DaemonSet>,
  nodes: readonly Readonly<Node>[],
): { maxSurge: number; maxUnavailable: number } {
  const rolling = daemonSet.spec.updateStrategy?.rollingUpdate;
  const desired = nodes.filter((node) => belongsOn(daemonSet, node).mayStart).length;
  const maxSurge = scaledValue(rolling?.maxSurge ?? 0, desired, 'up') ?? 0;
  const maxUnavailable = scaledValue(rolling?.maxUnavailable ?? 1, desired, 'up') ?? 1;
  return { maxSurge, maxUnavailable: maxSurge === 0 ? Math.max(maxUnavailable, 1) : maxUnavailable };
}

function podsPerNode(pods: readonly Readonly<Pod>[]): Map<string, Readonly<Pod>[]> {
  const perNode = new Map<string, Readonly<Pod>[]>();
  for (const pod of pods) {
    const name = nodeNameOf(pod) ?? '';
    const here = perNode.get(name);
    if (here) here.push(pod);
    else perNode.set(name, [pod]);
  }
  return perNode;
}

function olderFirst(a: Readonly<Pod>, b: Readonly<Pod>): number {
  return (
    Number(Boolean(b.spec.nodeName)) - Number(Boolean(a.spec.nodeName)) ||
    Date.parse(a.metadata.creationTimestamp) - Date.parse(b.metadata.creationTimestamp) ||
    (a.metadata.name < b.metadata.name ? -1 : 1)
  );
}

/** The status that nodes and pods amount to. */
export function planDaemonSetStatus(
  daemonSet: Readonly<DaemonSet>,
  nodes: readonly Readonly<Node>[],
  pods: readonly Readonly<Pod>[],
  hash: string,
  nowMs: number,
): { status: DaemonSetStatus; requeueAfterMs?: number } {
  const minReadySeconds = daemonSet.spec.minReadySeconds ?? 0;
  const perNode = podsPerNode(pods.filter((pod) => !isFinished(pod)));
  let [desired, current, misscheduled, ready, available, updated] = [0, 0, 0, 0, 0, 0];
  for (const node of nodes) {
    const here = (perNode.get(node.metadata.name) ?? []).sort(olderFirst);
    if (!belongsOn(daemonSet, node).mayStart) {
      if (here.length > 0) misscheduled++;
      continue;
    }
    desired++;
    const [oldest] = here;
    if (oldest === undefined) continue;
    current++;
    if (isReady(oldest)) ready++;
    if (isAvailable(oldest, minReadySeconds, nowMs)) available++;
    if (here.some((pod) => pod.metadata.labels?.[revisionHashLabel] === hash)) updated++;
  }
  const status: DaemonSetStatus = {
    observedGeneration: daemonSet.metadata.generation,
    desiredNumberScheduled: desired,
    currentNumberScheduled: current,
    numberMisscheduled: misscheduled,
    numberReady: ready,
    updatedNumberScheduled: updated || undefined,
    numberAvailable: available || undefined,
    numberUnavailable: desired - available || undefined,
    collisionCount: daemonSet.status?.collisionCount,
    conditions: daemonSet.status?.conditions,
  };
  const nextMs = nextAvailableMs(pods, minReadySeconds, nowMs);
  return { status, requeueAfterMs: nextMs === undefined ? undefined : nextMs - nowMs + 50 };
}
