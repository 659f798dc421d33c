// Who ends when while the machine shuts down, and within which time. Pure; upstream's graceful node shutdown: ordinary
// pods first, critical ones after them, nobody longer than its own grace.
import type { Pod } from '../../../api/kinds/core/index.ts';
import { isCritical } from '../admission/plan-admission.ts';

export interface ShutdownGrace {
  /** For all pods together. */
  readonly totalSeconds: number;
  /** The last part of it, kept for critical pods. */
  readonly criticalSeconds: number;
}

export interface ShutdownStage<T> {
  readonly seconds: number;
  readonly pods: readonly { readonly item: T; readonly graceSeconds: number }[];
}

const usualGraceSeconds = 30;

export function planShutdown<T>(
  items: readonly T[],
  podOf: (item: T) => Readonly<Pod>,
  { totalSeconds, criticalSeconds }: ShutdownGrace,
): ShutdownStage<T>[] {
  const lastSeconds = Math.min(criticalSeconds, totalSeconds);
  const stage = (seconds: number, critical: boolean): ShutdownStage<T> => ({
    seconds,
    pods: items
      .filter((item) => isCritical(podOf(item)) === critical)
      .map((item) => ({
        item,
        graceSeconds: Math.min(podOf(item).spec.terminationGracePeriodSeconds ?? usualGraceSeconds, seconds),
      })),
  });
  return [stage(totalSeconds - lastSeconds, false), stage(lastSeconds, true)].filter(({ pods }) => pods.length > 0);
}
