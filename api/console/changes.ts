// Changes made through the console: who did what, before and after, and taking them back.
import type { ObjectRef } from './rows.ts';

export type ChangeAction = 'create' | 'update' | 'delete';

/** One change. It can be taken back while `undoable`; taking back is itself a new change. */
export interface ChangeView {
  readonly id: string;
  readonly at: number;
  /** A stable word for what was done: scale, restart, rollback, setImage, create, delete, apply, cordon… */
  readonly verb: string;
  readonly action: ChangeAction;
  readonly object: ObjectRef;
  readonly summary: string;
  readonly user: string;
  readonly undoable: boolean;
  readonly undoneBy?: string;
  readonly undoes?: string;
  /** The trail of the action. */
  readonly trace?: string;
}

/** Before and after as YAML; an absent side means the object did not exist. */
export interface ChangeDiff {
  readonly before?: string;
  readonly after?: string;
}

/** What applying a document would do, or did, per object. */
export interface ApplyOutcome {
  readonly object: ObjectRef;
  readonly action: 'created' | 'changed' | 'unchanged';
  readonly before?: string;
  readonly after: string;
}
