// How many pods of a PodDisruptionBudget may be disrupted now. Pure; upstream's arithmetic.
import type { Pod } from '../../../api/kinds/core/index.ts';
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../../api/kinds/policy/index.ts';
import { scaledValue } from '../../../api/meta/int-or-string.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { conditionOf } from '../conditions.ts';
import { isFinished, isReady } from '../pod-state.ts';

/** A disruption that the API server granted, but whose pod has not gone after so long, did not happen. */
const forgottenMs = 2 * 60_000;

/** Whether the budget is a share, or a number that may be missing: of what the pods' workloads want, not of what is there. */
export function needsScale({ spec }: Readonly<PodDisruptionBudget>): boolean {
  return spec?.maxUnavailable !== undefined || typeof spec?.minAvailable === 'string';
}

/** What a budget says whose size cannot be told: nothing may be disrupted, and why. */
export function planUnknownBudget(
  budget: Readonly<PodDisruptionBudget>,
  message: string,
  nowMs: number,
): PodDisruptionBudgetStatus {
  const known = conditionOf(budget.status?.conditions, 'DisruptionAllowed');
  const condition = {
    type: 'DisruptionAllowed',
    status: 'False' as const,
    reason: 'SyncFailed',
    message,
    observedGeneration: budget.status?.observedGeneration,
    lastTransitionTime: known?.status === 'False' ? known.lastTransitionTime : formatTime(nowMs),
  };
  const counts = { currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };
  return { ...counts, ...budget.status, disruptionsAllowed: 0, conditions: [condition] };
}

/**
 * @param expected how many pods the controllers of these pods want in all; those present where a plain number must be available
 */
export function planBudget(
  budget: Readonly<PodDisruptionBudget>,
  pods: readonly Readonly<Pod>[],
  expected: number,
  nowMs: number,
): { status: PodDisruptionBudgetStatus; requeueAfterMs?: number } {
  const { minAvailable, maxUnavailable } = budget.spec ?? {};
  let expectedPods = expected;
  let desiredHealthy = 0;
  if (maxUnavailable !== undefined)
    desiredHealthy = Math.max(expectedPods - (scaledValue(maxUnavailable, expectedPods, 'up') ?? 0), 0);
  else if (typeof minAvailable === 'string') desiredHealthy = scaledValue(minAvailable, expectedPods, 'up') ?? 0;
  else if (minAvailable !== undefined) {
    desiredHealthy = minAvailable;
    expectedPods = pods.filter((pod) => !isFinished(pod)).length;
  }
  const { disruptedPods, nextMs } = stillDisrupted(budget, pods, nowMs);
  const isCounted = (pod: Readonly<Pod>): boolean =>
    pod.metadata.deletionTimestamp === undefined && disruptedPods[pod.metadata.name] === undefined;
  const currentHealthy = pods.filter((pod) => isCounted(pod) && isReady(pod)).length;
  const disruptionsAllowed = expectedPods > 0 ? Math.max(currentHealthy - desiredHealthy, 0) : 0;
  const next = disruptionsAllowed > 0 ? ['True', 'SufficientPods'] : ['False', 'InsufficientPods'];
  const known = conditionOf(budget.status?.conditions, 'DisruptionAllowed');
  const condition = {
    type: 'DisruptionAllowed',
    status: next[0] as 'True' | 'False',
    reason: next[1] ?? '',
    message: '',
    observedGeneration: budget.metadata.generation,
    lastTransitionTime: known !== undefined && known.status === next[0] ? known.lastTransitionTime : formatTime(nowMs),
  };
  const status: PodDisruptionBudgetStatus = {
    observedGeneration: budget.metadata.generation,
    currentHealthy,
    desiredHealthy,
    expectedPods,
    disruptionsAllowed,
    ...(Object.keys(disruptedPods).length > 0 ? { disruptedPods } : {}),
    conditions: [condition],
  };
  return { status, requeueAfterMs: nextMs === undefined ? undefined : nextMs - nowMs };
}

function stillDisrupted(
  budget: Readonly<PodDisruptionBudget>,
  pods: readonly Readonly<Pod>[],
  nowMs: number,
): { disruptedPods: Record<string, string>; nextMs?: number } {
  const disruptedPods: Record<string, string> = {};
  let nextMs: number | undefined;
  for (const [name, time] of Object.entries(budget.status?.disruptedPods ?? {})) {
    const pod = pods.find(({ metadata }) => metadata.name === name);
    const untilMs = Date.parse(time) + forgottenMs;
    if (pod === undefined || pod.metadata.deletionTimestamp !== undefined || untilMs <= nowMs) continue;
    disruptedPods[name] = time;
    nextMs = Math.min(nextMs ?? untilMs, untilMs);
  }
  return { disruptedPods, nextMs };
}
