// The cluster's own history: what was where at any past moment, and what changed since.
import type { NodeRow } from './nodes.ts';
import type { PodRow } from './pods.ts';

/** How far back the cluster remembers. Times are Unix ms. */
export interface HistorySpan {
  /** Absent while nothing is written yet. */
  readonly from?: number;
  readonly to?: number;
  /** Changes in each of equal parts of the span, oldest first. */
  readonly activity: readonly number[];
  /** Moments before which something may be missing: the control plane was off. */
  readonly gaps: readonly number[];
  readonly bytes: number;
}

/** Machines and pods as of a moment. */
export interface HistoryMoment {
  readonly at: number;
  readonly nodes: readonly NodeRow[];
  readonly pods: readonly PodRow[];
}

export interface HistoryChange {
  /** Where the object is kept; names it in `history.versions`. */
  readonly key: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly change: 'added' | 'changed' | 'removed';
  readonly at: number;
}

export interface HistoryVersion {
  readonly at: number;
  /** Absent when it was deleted then. */
  readonly yaml?: string;
  /** Whether it can be brought back as it was then. */
  readonly restorable: boolean;
}

/** Whether nobody has tampered with the history. */
export interface HistoryCheck {
  readonly intact: boolean;
  readonly lines: number;
}
