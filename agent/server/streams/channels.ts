// The streams of an exec or attach, whatever carries them (WebSocket channels or SPDY streams), and the Status that ends
// them. Channel numbers and the error format are upstream's (k8s.io/apimachinery remotecommand, v4 and v5).
import type { Readable, Writable } from 'node:stream';

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export interface ExecChannels {
  /** Ends when the client closes its input. */
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  onResize(listener: (size: TerminalSize) => void): void;
  /** The client went away. */
  onClose(listener: () => void): void;
  /** Sends how it ended, and closes. */
  finish(status: ExecStatus): Promise<void>;
}

export interface ExecStatus {
  readonly metadata: Record<string, never>;
  readonly status: 'Success' | 'Failure';
  readonly reason?: string;
  readonly message?: string;
  readonly code?: number;
  readonly details?: { readonly causes: readonly { readonly reason: string; readonly message: string }[] };
}

/** The Status for an exit code. Pure. */
export function exitStatus(code: number): ExecStatus {
  if (code === 0) return { metadata: {}, status: 'Success' };
  return {
    metadata: {},
    status: 'Failure',
    reason: 'NonZeroExitCode',
    message: `command terminated with non-zero exit code: exit status ${code}`,
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  };
}

/** The Status for a command that could not be run at all. */
export function failureStatus(message: string): ExecStatus {
  return { metadata: {}, status: 'Failure', reason: 'InternalError', message, code: 500 };
}

/** A resize message: `{"Width":80,"Height":24}`; undefined when it is none. */
export function parseResize(text: string): TerminalSize | undefined {
  try {
    const { Width: columns, Height: rows } = JSON.parse(text) as { Width?: number; Height?: number };
    return columns === undefined || rows === undefined ? undefined : { columns, rows };
  } catch {
    return undefined; // not for us: a client's bad resize must not end its session
  }
}
