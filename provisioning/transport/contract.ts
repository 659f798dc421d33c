// The way to one machine. Everything runs as root there; `exec` never throws for an exit code, only when the machine
// cannot be asked (connection lost, cancelled). Uploads are whole or absent: written beside and renamed.
import type { Readable } from 'node:stream';

/** How a command ended; `code` is null when a signal ended it. */
export interface ExecResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ExecOptions {
  readonly stdin?: string | Uint8Array | Readable;
  readonly signal?: AbortSignal;
  readonly onOutput?: (text: string) => void;
  /** The output holds what must not be written down (keys, certificates): audit keeps its size and hash alone. */
  readonly isSecret?: boolean;
  /** Run as the login user, not as root. */
  readonly unprivileged?: boolean;
}

export interface UploadOptions {
  readonly mode?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (sentBytes: number) => void;
}

/** An open way to one machine. */
export interface Transport {
  readonly machine: string;
  /** Runs a POSIX shell script as root. */
  exec(script: string, options?: ExecOptions): Promise<ExecResult>;
  /** Like exec, and throws ProvisioningError with the output when the exit code is not 0; resolves with stdout. */
  run(script: string, options?: ExecOptions): Promise<string>;
  /** Writes `content` to `path` on the machine, making parent folders. */
  writeFile(path: string, content: string | Uint8Array, options?: UploadOptions): Promise<void>;
  /** Copies a local file to `path` on the machine, making parent folders. */
  upload(localPath: string, path: string, options?: UploadOptions): Promise<void>;
  /** The file's text, or undefined when there is none. */
  readFile(path: string): Promise<string | undefined>;
  /** Ends the connection; running commands are cut. */
  close(): void;
}
