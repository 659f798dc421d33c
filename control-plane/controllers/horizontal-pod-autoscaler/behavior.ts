// How fast an autoscaler may follow its metrics: windows that remember recommendations, and policies that limit changes.
// Pure; upstream's rules (convertDesiredReplicasWithBehaviorRate and stabilizeRecommendationWithBehaviors).
import type {
  HPAScalingPolicy,
  HPAScalingRules,
  HorizontalPodAutoscaler,
} from '../../../api/kinds/autoscaling/index.ts';

export interface Memory {
  /** What was recommended when. */
  recommendations: { replicas: number; atMs: number }[];
  /** What was changed when; positive is up. */
  changes: { by: number; atMs: number }[];
}

export interface Limited {
  replicas: number;
  /** Why it is not what the metrics asked, if so. */
  reason?:
    | 'ScaleUpStabilized'
    | 'ScaleDownStabilized'
    | 'ScaleUpLimit'
    | 'ScaleDownLimit'
    | 'TooFewReplicas'
    | 'TooManyReplicas';
  message: string;
}

export function createMemory(): Memory {
  return { recommendations: [], changes: [] };
}

function rulesOf(
  autoscaler: Readonly<HorizontalPodAutoscaler>,
  direction: 'up' | 'down',
): Required<Pick<HPAScalingRules, 'stabilizationWindowSeconds' | 'selectPolicy'>> & {
  policies: readonly HPAScalingPolicy[];
} {
  const given = direction === 'up' ? autoscaler.spec.behavior?.scaleUp : autoscaler.spec.behavior?.scaleDown;
  const policies: HPAScalingPolicy[] =
    direction === 'up'
      ? [
          { type: 'Pods', value: 4, periodSeconds: 15 },
          { type: 'Percent', value: 100, periodSeconds: 15 },
        ]
      : [{ type: 'Percent', value: 100, periodSeconds: 15 }];
  return {
    stabilizationWindowSeconds: given?.stabilizationWindowSeconds ?? (direction === 'up' ? 0 : 300),
    selectPolicy: given?.selectPolicy ?? 'Max',
    policies: given?.policies ?? policies,
  };
}

/** After the clock stepped back, what was remembered has just happened: it neither counts for longer nor is forgotten. */
function heedClock(memory: Memory, nowMs: number): void {
  for (const one of [...memory.recommendations, ...memory.changes]) one.atMs = Math.min(one.atMs, nowMs);
}

/** Bounds what the metrics ask for, and remembers it. Changes `memory`. */
export function limitReplicas(
  autoscaler: Readonly<HorizontalPodAutoscaler>,
  memory: Memory,
  current: number,
  asked: number,
  nowMs: number,
): Limited {
  const { minReplicas = 1, maxReplicas } = autoscaler.spec;
  const up = rulesOf(autoscaler, 'up');
  const down = rulesOf(autoscaler, 'down');
  heedClock(memory, nowMs);
  const stable = stabilize(
    memory,
    up.stabilizationWindowSeconds,
    down.stabilizationWindowSeconds,
    current,
    asked,
    nowMs,
  );
  forget(
    memory,
    Math.max(up.stabilizationWindowSeconds, down.stabilizationWindowSeconds),
    [...up.policies, ...down.policies],
    nowMs,
  );
  let limited: Limited = { replicas: stable, message: 'recommended size matches current size' };
  if (stable !== asked) {
    limited =
      stable > asked
        ? {
            replicas: stable,
            reason: 'ScaleDownStabilized',
            message: 'recent recommendations were higher than current one, applying the highest recent recommendation',
          }
        : {
            replicas: stable,
            reason: 'ScaleUpStabilized',
            message: 'recent recommendations were lower than current one, applying the lowest recent recommendation',
          };
  }
  if (stable > current) {
    const limit = Math.max(allowedUp(up, memory, current, nowMs), current);
    if (stable > Math.min(limit, maxReplicas)) {
      return limit < maxReplicas
        ? {
            replicas: limit,
            reason: 'ScaleUpLimit',
            message: 'the desired replica count is increasing faster than the maximum scale rate',
          }
        : {
            replicas: maxReplicas,
            reason: 'TooManyReplicas',
            message: 'the desired replica count is more than the maximum replica count',
          };
    }
  } else if (stable < current) {
    const limit = Math.min(allowedDown(down, memory, current, nowMs), current);
    if (stable < Math.max(limit, minReplicas)) {
      return limit > minReplicas
        ? {
            replicas: limit,
            reason: 'ScaleDownLimit',
            message: 'the desired replica count is decreasing faster than the maximum scale rate',
          }
        : {
            replicas: minReplicas,
            reason: 'TooFewReplicas',
            message: 'the desired replica count is less than the minimum replica count',
          };
    }
  }
  if (limited.replicas > maxReplicas)
    return {
      replicas: maxReplicas,
      reason: 'TooManyReplicas',
      message: 'the desired replica count is more than the maximum replica count',
    };
  if (limited.replicas < minReplicas)
    return {
      replicas: minReplicas,
      reason: 'TooFewReplicas',
      message: 'the desired replica count is less than the minimum replica count',
    };
  return limited;
}

function stabilize(
  memory: Memory,
  upSeconds: number,
  downSeconds: number,
  current: number,
  asked: number,
  nowMs: number,
): number {
  let lowest = asked;
  let highest = asked;
  for (const { replicas, atMs } of memory.recommendations) {
    if (atMs > nowMs - upSeconds * 1000) lowest = Math.min(lowest, replicas);
    if (atMs > nowMs - downSeconds * 1000) highest = Math.max(highest, replicas);
  }
  memory.recommendations.push({ replicas: asked, atMs: nowMs });
  let stable = current;
  if (stable < lowest) stable = lowest;
  if (stable > highest) stable = highest;
  return stable;
}

/** The size that is reached when each policy is used up, by the rule that chooses among them. */
function allowedUp(rules: ReturnType<typeof rulesOf>, memory: Memory, current: number, nowMs: number): number {
  if (rules.selectPolicy === 'Disabled') return current;
  const sizes = rules.policies.map(({ type, value, periodSeconds }) => {
    const start = current - changed(memory, periodSeconds, 1, nowMs);
    return type === 'Pods' ? start + value : Math.ceil(start * (1 + value / 100));
  });
  return rules.selectPolicy === 'Min' ? Math.min(...sizes) : Math.max(...sizes);
}

function allowedDown(rules: ReturnType<typeof rulesOf>, memory: Memory, current: number, nowMs: number): number {
  if (rules.selectPolicy === 'Disabled') return current;
  const sizes = rules.policies.map(({ type, value, periodSeconds }) => {
    const start = current + changed(memory, periodSeconds, -1, nowMs);
    return type === 'Pods' ? start - value : Math.trunc(start * (1 - value / 100));
  });
  return rules.selectPolicy === 'Min' ? Math.max(...sizes) : Math.min(...sizes);
}

function changed(memory: Memory, periodSeconds: number, sign: 1 | -1, nowMs: number): number {
  return memory.changes
    .filter(({ by, atMs }) => by * sign > 0 && atMs > nowMs - periodSeconds * 1000)
    .reduce((sum, { by }) => sum + Math.abs(by), 0);
}

function forget(memory: Memory, windowSeconds: number, policies: readonly HPAScalingPolicy[], nowMs: number): void {
  memory.recommendations = memory.recommendations.filter(({ atMs }) => atMs >= nowMs - windowSeconds * 1000);
  const longest = Math.max(0, ...policies.map(({ periodSeconds }) => periodSeconds));
  memory.changes = memory.changes.filter(({ atMs }) => atMs >= nowMs - longest * 1000);
}
