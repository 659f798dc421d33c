// Trails: what one action of a person led to, tied together by a trace id, in the cluster's hash-chained record.

/** What a person did. */
export interface TrailSummary {
  /** The trace id: 32 hex digits. */
  readonly id: string;
  readonly at: number;
  /** `user@computer`. */
  readonly who: string;
  /** The console's command, such as `deployments.scale`. */
  readonly command: string;
  /** What it was about, as far as names say it. */
  readonly about: string;
}

export type TrailStep =
  /** A command on a machine, over SSH. */
  | {
      readonly kind: 'command';
      readonly machine: string;
      readonly command: string;
      readonly output: string;
      /** Null when it was cut off. */
      readonly code: number | null;
    }
  /** A write to the API; `status` 0 when no answer came. `auditId` is in the API servers' audit logs. */
  | {
      readonly kind: 'write';
      readonly method: string;
      readonly object: string;
      readonly status: number;
      readonly auditId: string;
    }
  /** A container that started, ended or cannot start because of it. */
  | {
      readonly kind: 'container';
      readonly pod: string;
      readonly container: string;
      readonly machine: string;
      readonly state: 'running' | 'terminated' | 'waiting' | 'gone';
      readonly containerId: string;
      readonly exitCode?: number;
      readonly reason?: string;
    }
  /** How the action, or the run that it began, ended. */
  | { readonly kind: 'end'; readonly ok: boolean; readonly what: string; readonly message: string };

/** One entry of a trail with its seal. */
export type TrailEntryView = TrailStep & { readonly seq: number; readonly at: number; readonly hash: string };

/** Whether the record that holds the trail is as it was written. */
export interface RecordVerdict {
  readonly ok: boolean;
  readonly entries: number;
  /** The line of the first fault. */
  readonly line?: number;
}

export interface TrailView extends TrailSummary {
  readonly entries: readonly TrailEntryView[];
  readonly record: RecordVerdict;
}
