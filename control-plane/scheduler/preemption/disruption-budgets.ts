// Which victims a PodDisruptionBudget would not allow: each budget allows so many disruptions, taken in the given order.
import type { PodDisruptionBudget } from '../../../api/kinds/policy/index.ts';
import { matchesLabelSelector } from '../../../api/meta/selectors.ts';
import type { PodInfo } from '../snapshot/pod-info.ts';

/** Splits pods into those whose removal breaks a budget and those whose removal does not, keeping their order. */
export function splitByBudgets(
  pods: readonly PodInfo[],
  budgets: readonly Readonly<PodDisruptionBudget>[],
): { violating: PodInfo[]; allowed: PodInfo[] } {
  const left = budgets.map((budget) => budget.status?.disruptionsAllowed ?? 0);
  const violating: PodInfo[] = [];
  const allowed: PodInfo[] = [];
  for (const pod of pods) {
    let breaks = false;
    budgets.forEach((budget, i) => {
      if (!covers(budget, pod)) return;
      left[i] = (left[i] ?? 0) - 1;
      if ((left[i] ?? 0) < 0) breaks = true;
    });
    (breaks ? violating : allowed).push(pod);
  }
  return { violating, allowed };
}

function covers(budget: Readonly<PodDisruptionBudget>, pod: PodInfo): boolean {
  const { selector } = budget.spec ?? {};
  if (budget.metadata.namespace !== pod.namespace || selector === undefined) return false;
  if (budget.status?.disruptedPods?.[pod.pod.metadata.name] !== undefined) return false;
  return matchesLabelSelector(selector, pod.labels);
}
