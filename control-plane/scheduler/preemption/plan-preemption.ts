// Which less important pods to remove so that a pod fits, and from which node: as few and as unimportant as possible,
// breaking as few disruption budgets as possible (the order of upstream's default preemption). It removes nothing: the
// snapshot is changed to rehearse, and is as before when it returns.
import type { PodDisruptionBudget } from '../../../api/kinds/policy/index.ts';
import type { Refusal } from '../filters/index.ts';
import type { Profile } from '../profile.ts';
import { firstRefusal, prepareFilters } from '../schedule.ts';
import type { NodeInfo } from '../snapshot/node-info.ts';
import type { PodInfo } from '../snapshot/pod-info.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { splitByBudgets } from './disruption-budgets.ts';

/** Nodes to rehearse on, at most: a tenth of the cluster, but no fewer than this. */
const fewestCandidates = 100;

export interface Preemption {
  readonly node: NodeInfo;
  readonly victims: readonly PodInfo[];
  /** How many victims a disruption budget would have protected. */
  readonly violations: number;
}

export interface PreemptionRequest {
  readonly snapshot: Snapshot;
  readonly pod: PodInfo;
  readonly profile: Profile;
  readonly refusals: ReadonlyMap<NodeInfo, Refusal>;
  readonly budgets: readonly Readonly<PodDisruptionBudget>[];
}

/** The cheapest way to make room, or undefined when removing less important pods helps nowhere. */
export function planPreemption(request: PreemptionRequest): Preemption | undefined {
  const { snapshot, pod, refusals } = request;
  const enough = Math.max(fewestCandidates, Math.floor(snapshot.nodes.length / 10));
  const plans: Preemption[] = [];
  for (const [node, refusal] of refusals) {
    if (!refusal.resolvable || !hasLessImportant(node, pod)) continue;
    const plan = planOn(node, request);
    if (plan) plans.push(plan);
    if (plans.length >= enough) break;
  }
  return plans.reduce<Preemption | undefined>((best, plan) => (best && !isBetter(plan, best) ? best : plan), undefined);
}

/** Whether a pod may make room for itself now: not when it declines to, and not while its victims are still leaving. */
export function mayPreempt(
  snapshot: Snapshot,
  pod: PodInfo,
  nominated: string | undefined = pod.pod.status?.nominatedNodeName,
): boolean {
  if (pod.pod.spec.preemptionPolicy === 'Never') return false;
  const node = nominated ? snapshot.node(nominated) : undefined;
  return ![...(node?.pods.values() ?? [])].some((other) => other.isTerminating && other.priority < pod.priority);
}

function hasLessImportant(node: NodeInfo, pod: PodInfo): boolean {
  for (const other of node.pods.values()) if (other.priority < pod.priority) return true;
  return false;
}

/** Removes every less important pod, then takes back as many as still fit, the protected and the important ones first. */
function planOn(node: NodeInfo, { snapshot, pod, profile, budgets }: PreemptionRequest): Preemption | undefined {
  const removed = [...node.pods.values()].filter((other) => other.priority < pod.priority).sort(byImportance);
  const fits = (): boolean => firstRefusal(prepareFilters(snapshot, pod, profile), node) === undefined;
  const victims: PodInfo[] = [];
  for (const other of removed) snapshot.removePod(other.key);
  try {
    if (!fits()) return undefined;
    const { violating, allowed } = splitByBudgets(removed, budgets);
    let violations = 0;
    const reprieve = (other: PodInfo): boolean => {
      snapshot.setPod(other, node.name);
      if (fits()) return true;
      snapshot.removePod(other.key);
      victims.push(other);
      return false;
    };
    for (const other of violating) if (!reprieve(other)) violations++;
    for (const other of allowed) reprieve(other);
    return { node, victims: victims.sort(byImportance), violations };
  } finally {
    for (const other of removed) snapshot.setPod(other, node.name);
  }
}

function startOf(info: PodInfo): string {
  return info.pod.status?.startTime ?? info.pod.metadata.creationTimestamp;
}

/** The more important first: by priority, then by age. */
function byImportance(a: PodInfo, b: PodInfo): number {
  if (a.priority !== b.priority) return b.priority - a.priority;
  return startOf(a) < startOf(b) ? -1 : startOf(a) > startOf(b) ? 1 : 0;
}

function isBetter(a: Preemption, b: Preemption): boolean {
  const [first, second] = [measuresOf(a), measuresOf(b)];
  for (let i = 0; i < first.length; i++) {
    const difference = (first[i] ?? 0) - (second[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return earliestImportantStart(a) > earliestImportantStart(b);
}

/** Smaller is better, the earlier measure first. Priorities are shifted so that a sum also counts pods. */
function measuresOf({ violations, victims }: Preemption): number[] {
  const sum = victims.reduce((total, { priority }) => total + priority + 2 ** 31, 0);
  return [violations, victims[0]?.priority ?? -Infinity, sum, victims.length];
}

/** When the oldest of the most important victims started: of equal plans, the one with the younger victims is better. */
function earliestImportantStart({ victims }: Preemption): string {
  const important = victims.filter(({ priority }) => priority === victims[0]?.priority);
  return important.map(startOf).sort()[0] ?? '';
}
