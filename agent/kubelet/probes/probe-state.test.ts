import { describe, expect, it } from 'vitest';
import { initialProbeState, nextProbeState } from './probe-state.ts';
import type { ProbeKind } from './probe-state.ts';

/** Feeds s (success) and f (failure), and writes the verdict after each. */
function verdicts(kind: ProbeKind, results: string, thresholds = {}): string {
  let state = initialProbeState(kind);
  return [...results]
    .map((result) => {
      state = nextProbeState(state, result === 's' ? 'success' : 'failure', thresholds);
      return state.verdict[0];
    })
    .join('');
}

describe('probe thresholds', () => {
  it.each<[ProbeKind, string, object, string]>([
    ['liveness', 'ff', {}, 'ss'],
    ['liveness', 'fff', {}, 'ssf'],
    ['liveness', 'ffsff', {}, 'sssss'],
    ['readiness', 's', {}, 's'],
    ['readiness', 'ss', { successThreshold: 2 }, 'fs'],
    ['readiness', 'ssfsfff', { successThreshold: 2, failureThreshold: 2 }, 'fssssff'],
    ['startup', 'ffs', { failureThreshold: 10 }, 'uus'],
    ['startup', 'ff', { failureThreshold: 2 }, 'uf'],
  ])('%s after %s with %j gives %s', (kind, results, thresholds, wanted) => {
    expect(verdicts(kind, results, thresholds)).toBe(wanted);
  });
});
