// What if: applies changes to a copy of the snapshot and answers which pods move where, which stay pending and why, and
// which disruption budgets break. Pure: the live snapshot is not touched.
import type { Node, Pod } from '../../api/kinds/core/index.ts';
import type { PodDisruptionBudget } from '../../api/kinds/policy/index.ts';
import { controllerOf, keyOf } from '../../api/meta/object-meta.ts';
import { withoutNode } from './free-pod.ts';
import { failureMessage } from './failure-message.ts';
import { splitByBudgets } from './preemption/disruption-budgets.ts';
import type { Profile } from './profile.ts';
import { planAllocations } from './filters/dynamic-resources.ts';
import { applyChange } from './remedies/change.ts';
import type { RemedyChange } from './remedies/change.ts';
import { schedule } from './schedule.ts';
import { createPodInfo } from './snapshot/pod-info.ts';
import type { PodInfo } from './snapshot/pod-info.ts';
import type { Snapshot } from './snapshot/snapshot.ts';

export type Change =
  /** The node is gone at once; its pods come back elsewhere. */
  | { readonly type: 'node-lost'; readonly node: string }
  /** The pod is gone at once; its owner makes another, which may come back to the same node. */
  | { readonly type: 'pod-lost'; readonly pod: string }
  /** The node is emptied in an orderly way: disruption budgets have a say. */
  | { readonly type: 'node-drained'; readonly node: string }
  | { readonly type: 'node-added'; readonly node: Readonly<Node> }
  | { readonly type: 'pods-added'; readonly pods: readonly Readonly<Pod>[] }
  | { readonly type: 'pods-removed'; readonly keys: readonly string[] }
  /** What was suggested for a waiting pod is done. */
  | { readonly type: 'remedy-applied'; readonly pod: string; readonly change: RemedyChange };

export interface SimulationContext {
  readonly profiles: readonly Profile[];
  readonly budgets: readonly Readonly<PodDisruptionBudget>[];
  /** Pods that wait for a node already. */
  readonly pending: readonly PodInfo[];
}

export interface SimulationResult {
  /** Pods that run elsewhere afterwards. */
  readonly moved: readonly { pod: string; from: string; to: string }[];
  /** Pods that had no node before and have one now. */
  readonly placed: readonly { pod: string; to: string }[];
  /** Pods without a node afterwards, in upstream's words. */
  readonly pending: readonly { pod: string; from?: string; reason: string }[];
  readonly removed: readonly string[];
  /** Budgets that allow fewer disruptions than the change makes, and the pods concerned. */
  readonly budgetsBroken: readonly { budget: string; pods: readonly string[] }[];
}

/** Rehearses changes in their order, then places every pod that is without a node, the important ones first. */
export function simulate(live: Snapshot, changes: readonly Change[], context: SimulationContext): SimulationResult {
  const snapshot = live.clone();
  const homeless: { info: PodInfo; from?: string }[] = context.pending.map((info) => ({ info }));
  const removed: string[] = [];
  const disrupted: PodInfo[] = [];
  for (const change of changes) {
    if (change.type === 'node-added') snapshot.setNode(change.node.metadata.name, change.node);
    else if (change.type === 'pods-added') homeless.push(...change.pods.map((pod) => ({ info: createPodInfo(pod) })));
    else if (change.type === 'pods-removed') {
      for (const key of change.keys) snapshot.removePod(key);
      removed.push(...change.keys);
    } else if (change.type === 'remedy-applied') {
      const waiting = homeless.find(({ info }) => info.key === change.pod);
      if (!waiting) continue;
      const applied = applyChange(snapshot, waiting.info, change.change);
      waiting.info = applied.pod;
      homeless.push(...applied.moved.map(({ info, node }) => ({ info, from: node })));
      disrupted.push(...applied.moved.map(({ info }) => info));
    } else if (change.type === 'pod-lost') {
      const { node, info } = losePod(snapshot, change.pod);
      if (info === undefined) continue;
      disrupted.push(info);
      if (controllerOf(info.pod) === undefined) removed.push(info.key);
      else homeless.push({ info, from: node });
    } else {
      const { displaced, gone } = emptyNode(snapshot, change.node, change.type === 'node-lost');
      homeless.push(...displaced.map((info) => ({ info, from: change.node })));
      removed.push(...gone.map(({ key }) => key));
      disrupted.push(...displaced);
    }
  }
  const result = {
    ...placeAll(snapshot, homeless, context),
    removed,
    budgetsBroken: brokenBudgets(disrupted, context.budgets),
  };
  return result;
}

/** Takes one pod away from where it runs. */
function losePod(snapshot: Snapshot, key: string): { node?: string; info?: PodInfo } {
  const node = snapshot.nodeOf(key);
  const info = node?.pods.get(key);
  snapshot.removePod(key);
  return { node: node?.name, info };
}

/** Takes every pod off a node; those bound to it by nature (daemons, mirror pods) do not come back. */
function emptyNode(snapshot: Snapshot, name: string, isLost: boolean): { displaced: PodInfo[]; gone: PodInfo[] } {
  const node = snapshot.node(name);
  const pods = [...(node?.pods.values() ?? [])];
  const stays = ({ pod }: PodInfo): boolean =>
    controllerOf(pod)?.kind === 'DaemonSet' || pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined;
  const leaving = isLost ? pods : pods.filter((info) => !stays(info));
  for (const { key } of leaving) snapshot.removePod(key);
  if (isLost) snapshot.setNode(name, undefined);
  else if (node) node.unschedulable = true;
  const comesBack = (info: PodInfo): boolean => !stays(info) && controllerOf(info.pod) !== undefined;
  return { displaced: leaving.filter(comesBack), gone: leaving.filter((info) => !comesBack(info)) };
}

function placeAll(
  snapshot: Snapshot,
  homeless: readonly { info: PodInfo; from?: string }[],
  { profiles }: SimulationContext,
): Pick<SimulationResult, 'moved' | 'placed' | 'pending'> {
  const moved: { pod: string; from: string; to: string }[] = [];
  const placed: { pod: string; to: string }[] = [];
  const pending: { pod: string; from?: string; reason: string }[] = [];
  const byName = new Map(profiles.map((profile) => [profile.schedulerName, profile]));
  let start = 0;
  for (const { info, from } of [...homeless].sort((a, b) => b.info.priority - a.info.priority)) {
    const profile = byName.get(info.pod.spec.schedulerName ?? 'default-scheduler');
    if (!profile) continue; // another scheduler's
    const free = withoutNode(info);
    const decision = schedule(snapshot, free, profile, { start });
    if (!decision.placed) {
      pending.push({ pod: info.key, from, reason: failureMessage(decision.refusals.values(), snapshot.nodes.length) });
      continue;
    }
    start = (start + decision.searched) % Math.max(1, snapshot.nodes.length);
    for (const [key, allocation] of planAllocations(free, decision.node, snapshot)) {
      snapshot.devices.assume(key, allocation);
    }
    snapshot.setPod(free, decision.node.name);
    if (from === undefined) placed.push({ pod: info.key, to: decision.node.name });
    else moved.push({ pod: info.key, from, to: decision.node.name });
  }
  return { moved, placed, pending };
}

function brokenBudgets(
  disrupted: readonly PodInfo[],
  budgets: readonly Readonly<PodDisruptionBudget>[],
): { budget: string; pods: readonly string[] }[] {
  return budgets.flatMap((budget) => {
    const { violating } = splitByBudgets(disrupted, [budget]);
    return violating.length > 0 ? [{ budget: keyOf(budget), pods: violating.map(({ key }) => key) }] : [];
  });
}
