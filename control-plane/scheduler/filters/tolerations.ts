// Whether tolerations cover a taint (v1.Toleration.ToleratesTaint).
import type { Taint, Toleration } from '../../../api/kinds/core/index.ts';

type TaintLike = Pick<Taint, 'key' | 'value' | 'effect'>;

/** True when one toleration covers the taint. */
export function tolerates(tolerations: readonly Toleration[], taint: TaintLike): boolean {
  return tolerations.some((toleration) => covers(toleration, taint));
}

function covers(toleration: Toleration, taint: TaintLike): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  switch (toleration.operator || 'Equal') {
    case 'Exists':
      return true;
    case 'Equal':
      return (toleration.key ?? '') !== '' && (toleration.value ?? '') === (taint.value ?? '');
    default:
      return false;
  }
}

/** The first taint of these effects that is not tolerated. */
export function firstUntolerated(
  taints: readonly Taint[],
  tolerations: readonly Toleration[],
  effects: ReadonlySet<string>,
): Taint | undefined {
  return taints.find((taint) => effects.has(taint.effect) && !tolerates(tolerations, taint));
}

/** `key=value:effect`, as kubectl writes it. */
export function formatTaint(taint: TaintLike): string {
  return `${taint.key}${taint.value ? `=${taint.value}` : ''}:${taint.effect}`;
}
