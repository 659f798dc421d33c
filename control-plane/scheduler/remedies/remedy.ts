// What a remedy is: one change that alone would let a pod fit on a node.
import type { Sentence } from '../sentences.ts';
import type { RemedyChange } from './change.ts';

export type RemedyKind =
  | 'free-resources'
  | 'lower-requests'
  | 'move-pods'
  | 'remove-taint'
  | 'uncordon'
  | 'add-label'
  | 'raise-skew'
  | 'drop-node-name'
  | 'remove-gates'
  | 'start-company'
  | 'make-volume'
  | 'make-claim'
  | 'release-devices'
  | 'make-device-claim'
  | 'make-device-class';

export interface Remedy {
  readonly kind: RemedyKind;
  readonly node: string;
  readonly sentence: Sentence;
  /** What it takes, for comparison only: shares of a node for resources, small constants for one-line changes. */
  readonly cost: number;
  /** The change itself, to rehearse. */
  readonly change: RemedyChange;
}

/** A remedy that nobody has tried yet. */
export type Candidate = Remedy;

/** A cordon, a taint or a label costs as much as this share of a node's resources. */
export const administrativeCost = 0.1;
