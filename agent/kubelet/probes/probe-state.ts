// Thresholds of one probe: how results in a row become a verdict. Pure.

export type ProbeKind = 'startup' | 'liveness' | 'readiness';
export type ProbeResult = 'success' | 'failure' | 'unknown';

export interface ProbeState {
  readonly verdict: ProbeResult;
  readonly lastResult: ProbeResult;
  readonly inARow: number;
}

/** Before the first result: alive, not ready, not known to have started. */
export function initialProbeState(kind: ProbeKind): ProbeState {
  const verdict = kind === 'liveness' ? 'success' : kind === 'readiness' ? 'failure' : 'unknown';
  return { verdict, lastResult: 'unknown', inARow: 0 };
}

export interface ProbeThresholds {
  readonly failureThreshold?: number;
  readonly successThreshold?: number;
}

/** The state after one more result. */
export function nextProbeState(
  state: ProbeState,
  result: 'success' | 'failure',
  { failureThreshold = 3, successThreshold = 1 }: ProbeThresholds,
): ProbeState {
  const inARow = result === state.lastResult ? state.inARow + 1 : 1;
  const needed = result === 'failure' ? failureThreshold : successThreshold;
  return { verdict: inARow >= needed ? result : state.verdict, lastResult: result, inARow };
}
