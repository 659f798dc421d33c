// Events: what the cluster says about its objects.
import type { ObjectRef } from './rows.ts';

export interface EventRow {
  readonly uid: string;
  readonly namespace: string;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly object: ObjectRef;
  readonly source: string;
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
}
