// Lists of status conditions, one per type, as values: nothing here changes its arguments.

export interface ConditionLike {
  type?: string;
  status?: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
}

export function conditionOf<C extends ConditionLike>(
  conditions: readonly C[] | undefined,
  type: string,
): C | undefined {
  return conditions?.find((condition) => condition.type === type);
}

export function withoutCondition<C extends ConditionLike>(conditions: readonly C[] | undefined, type: string): C[] {
  return (conditions ?? []).filter((condition) => condition.type !== type);
}

/**
 * Sets a condition in place or at the end. The time of its last transition stays unless the status changes; where status
 * and reason are the same already, the list is returned as it was.
 */
export function withCondition<C extends ConditionLike>(conditions: readonly C[] | undefined, next: C): C[] {
  const known = conditionOf(conditions, next.type ?? '');
  if (known && known.status === next.status && known.reason === next.reason) return [...(conditions ?? [])];
  const kept = known && known.status === next.status ? { ...next, lastTransitionTime: known.lastTransitionTime } : next;
  if (!known) return [...(conditions ?? []), kept];
  return (conditions ?? []).map((condition) => (condition === known ? kept : condition));
}
