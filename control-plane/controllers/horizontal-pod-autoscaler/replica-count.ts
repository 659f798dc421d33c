// How many replicas a metric asks for (upstream's replica_calculator). Pure.
// Pods that cannot be judged yet are left out, and afterwards counted the careful way: as idle when the metric asks for
// more pods, as fully used when it asks for fewer; when that turns the answer around, nothing changes.
import type { Pod } from '../../../api/kinds/core/index.ts';
import { conditionOf } from '../conditions.ts';
import { isFinished } from '../pod-state.ts';

/** A pod's figure: milli-units of a resource, or of a custom metric. */
export interface PodMetrics {
  values: ReadonlyMap<string, number>;
  /** When the figures were taken, and over what window. */
  atMs: number;
  windowMs: number;
}

export interface Proposal {
  replicas: number;
  /** The figure that the target is compared with, in the target's own unit. */
  current: number;
  /** The mean per pod, in milli-units. */
  average: number;
}

export interface Tolerance {
  up: number;
  down: number;
}

const cpuInitializationMs = 300_000;
const initialReadinessMs = 30_000;

interface Groups {
  ready: Readonly<Pod>[];
  unready: Readonly<Pod>[];
  missing: Readonly<Pod>[];
}

function groupPods(pods: readonly Readonly<Pod>[], metrics: PodMetrics, isCpu: boolean, nowMs: number): Groups {
  const groups: Groups = { ready: [], unready: [], missing: [] };
  for (const pod of pods) {
    if (pod.metadata.deletionTimestamp !== undefined || isFinished(pod)) continue;
    if (pod.status?.phase === 'Pending') groups.unready.push(pod);
    else if (!metrics.values.has(pod.metadata.name)) groups.missing.push(pod);
    else if (isCpu && isStarting(pod, metrics, nowMs)) groups.unready.push(pod);
    else groups.ready.push(pod);
  }
  return groups;
}

/** CPU figures of a starting pod say nothing about its load. */
function isStarting(pod: Readonly<Pod>, metrics: PodMetrics, nowMs: number): boolean {
  const ready = conditionOf(pod.status?.conditions, 'Ready');
  if (ready === undefined || pod.status?.startTime === undefined) return true;
  const startMs = Date.parse(pod.status.startTime);
  const changedMs = Date.parse(ready.lastTransitionTime ?? pod.status.startTime);
  if (startMs + cpuInitializationMs > nowMs)
    return ready.status === 'False' || metrics.atMs < changedMs + metrics.windowMs;
  return ready.status === 'False' && startMs + initialReadinessMs > changedMs;
}

/** For a target of a share (percent) of what the pods request. Undefined when nothing can be told. */
export function replicasForUtilization(
  pods: readonly Readonly<Pod>[],
  metrics: PodMetrics,
  requestOf: (pod: Readonly<Pod>) => number | undefined,
  targetPercent: number,
  current: number,
  isCpu: boolean,
  tolerance: Tolerance,
  nowMs: number,
): Proposal | undefined {
  const usageRatio = (
    chosen: readonly Readonly<Pod>[],
    valueOf: (pod: Readonly<Pod>) => number,
  ): { ratio: number; percent: number; average: number } | undefined => {
    let used = 0;
    let requested = 0;
    for (const pod of chosen) {
      const request = requestOf(pod);
      if (request === undefined) return undefined;
      requested += request;
      used += valueOf(pod);
    }
    if (requested === 0) return undefined;
    const percent = Math.trunc((used * 100) / requested);
    return { ratio: percent / targetPercent, percent, average: Math.trunc(used / chosen.length) };
  };
  const groups = groupPods(pods, metrics, isCpu, nowMs);
  const measured = usageRatio(groups.ready, (pod) => metrics.values.get(pod.metadata.name) ?? 0);
  if (groups.ready.length === 0 || measured === undefined) return undefined;
  const careful = (missingShare: number, unreadyShare: number | undefined): { ratio: number; count: number } => {
    const counted = [...groups.ready, ...groups.missing, ...(unreadyShare === undefined ? [] : groups.unready)];
    const missing = new Set(groups.missing);
    const unready = new Set(groups.unready);
    const again = usageRatio(counted, (pod) => {
      if (missing.has(pod)) return (requestOf(pod) ?? 0) * missingShare;
      if (unready.has(pod)) return (requestOf(pod) ?? 0) * (unreadyShare ?? 0);
      return metrics.values.get(pod.metadata.name) ?? 0;
    });
    return { ratio: again?.ratio ?? measured.ratio, count: counted.length };
  };
  const replicas = decide(measured.ratio, groups, current, tolerance, targetPercent / 100, careful);
  return { replicas, current: measured.percent, average: measured.average };
}

/** For a target of a mean value per pod, in milli-units. */
export function replicasForAverage(
  pods: readonly Readonly<Pod>[],
  metrics: PodMetrics,
  target: number,
  current: number,
  isCpu: boolean,
  tolerance: Tolerance,
  nowMs: number,
): Proposal | undefined {
  const groups = groupPods(pods, metrics, isCpu, nowMs);
  if (groups.ready.length === 0) return undefined;
  const sum = groups.ready.reduce((total, pod) => total + (metrics.values.get(pod.metadata.name) ?? 0), 0);
  const average = Math.trunc(sum / groups.ready.length);
  const careful = (missingShare: number, unreadyShare: number | undefined): { ratio: number; count: number } => {
    const unready = unreadyShare === undefined ? 0 : groups.unready.length;
    const count = groups.ready.length + groups.missing.length + unready;
    return { ratio: (sum + groups.missing.length * missingShare * target) / count / target, count };
  };
  const replicas = decide(average / target, groups, current, tolerance, 1, careful);
  return { replicas, current: average, average };
}

/** For one figure about something else: its ratio to the target times the pods that are ready. */
export function replicasForRatio(ratio: number, ready: number, current: number, tolerance: Tolerance): number {
  return isWithin(ratio, tolerance) ? current : Math.ceil(ratio * ready);
}

function decide(
  ratio: number,
  groups: Groups,
  current: number,
  tolerance: Tolerance,
  targetShare: number,
  careful: (missingShare: number, unreadyShare: number | undefined) => { ratio: number; count: number },
): number {
  const countsUnready = ratio > 1 && groups.unready.length > 0;
  if (groups.missing.length === 0 && !countsUnready) {
    return isWithin(ratio, tolerance) ? current : Math.ceil(ratio * groups.ready.length);
  }
  // Towards fewer pods, a missing one counts as used to its target or more; towards more pods, as idle.
  const missingShare = ratio < 1 ? Math.max(1, targetShare) : 0;
  const again = careful(missingShare, countsUnready ? 0 : undefined);
  if (isWithin(again.ratio, tolerance) || ratio < 1 !== again.ratio < 1 || ratio > 1 !== again.ratio > 1)
    return current;
  const replicas = Math.ceil(again.ratio * again.count);
  const turnsBack = (again.ratio < 1 && replicas > current) || (again.ratio > 1 && replicas < current);
  return turnsBack ? current : replicas;
}

function isWithin(ratio: number, tolerance: Tolerance): boolean {
  return ratio >= 1 - tolerance.down && ratio <= 1 + tolerance.up;
}
