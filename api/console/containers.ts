// What one does inside containers: logs of several at once, port-forwards, files.

/** Pods whose logs are read together: a workload's, one, or all of a namespace. */
export interface LogTarget {
  readonly namespace: string;
  readonly owner?: { readonly kind: string; readonly name: string };
  readonly pod?: string;
}

/** Something that can be followed, with how many pods it has now. */
export interface LogTargetView extends LogTarget {
  readonly pods: number;
}

/** Lines of several containers. A source is told before its first line; `source` is its number. */
export interface LogBatch {
  readonly sources: readonly LogSource[];
  readonly lines: readonly { readonly source: number; readonly at?: number; readonly text: string }[];
}

export interface LogSource {
  readonly id: number;
  readonly pod: string;
  readonly container: string;
  /** Why it has no more lines, when that is no ordinary end. */
  readonly error?: string;
}

/** An open way from a local port into a pod. */
export interface ForwardView {
  readonly id: string;
  readonly clusterId: string;
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
  readonly localPort: number;
  readonly connections: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly openedAt: number;
  /** Why the last connection failed. */
  readonly error?: string;
}

export interface FileEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  readonly sizeBytes: number;
  readonly mode: string;
}
