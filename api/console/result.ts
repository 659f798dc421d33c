// What every console command answers: a value, or an error an administrator can act on.
// `reason` is one word from a closed table (the renderer translates by it); `message` says what happened in the
// words of whoever refused; `remedy` says what to do next.

/** Why a command or a stream failed; Kubernetes' own reasons plus the console's. */
export type ErrorReason =
  | 'Unreachable'
  | 'Unauthorized'
  | 'Forbidden'
  | 'NotFound'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Invalid'
  | 'BadRequest'
  | 'Expired'
  | 'TooManyRequests'
  | 'NotSupported'
  | 'UnknownCluster'
  | 'BadKubeconfig'
  | 'Disconnected'
  | 'Cancelled'
  | 'Internal';

/** An error as the console shows it. `fields` point at parts of a form, by path. */
export interface ConsoleError {
  readonly reason: ErrorReason;
  readonly message: string;
  readonly remedy: string;
  /** The same in every language, where the services know it themselves. */
  readonly local?: { readonly message: LocalText; readonly remedy?: LocalText };
  readonly fields?: readonly { readonly path: string; readonly message: string }[];
}

/** The answer of a command; failures are values, never exceptions across the bridge. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ConsoleError };

/** What a stream delivers: data, or the news that it is interrupted (it retries by itself) or ended for good. */
export type StreamEvent<T> =
  | { readonly type: 'data'; readonly data: T }
  | { readonly type: 'interrupted'; readonly error: ConsoleError }
  | { readonly type: 'ended'; readonly error?: ConsoleError };

/** A sentence in the languages the console speaks, made where the fact is known. */
export interface LocalText {
  readonly en: string;
  readonly 'zh-CN': string;
}
