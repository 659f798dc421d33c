// What carries requests to an API server. Implementations: https.ts, and in-process ones that need no socket.
// A transport fails only with ApiError: reason ServiceUnavailable (with the cause) when the server could not be reached
// or broke off, and the signal's own reason when the caller aborted.

export interface TransportRequest {
  method: string;
  /** Absolute path without the query, already percent-encoded, such as `/api/v1/namespaces/default/pods`. */
  path: string;
  query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  /** Lower-case names. */
  headers?: Readonly<Record<string, string>>;
  body?: Uint8Array | string;
  signal?: AbortSignal;
}

export interface TransportResponse {
  status: number;
  /** Lower-case names. */
  headers: Readonly<Record<string, string>>;
  /** The whole body as text; consumes it. */
  text(): Promise<string>;
  /** The body as it arrives; leaving the loop early cancels the request. */
  body: AsyncIterable<Uint8Array>;
}

/** A message channel: WebSocket messages in order, both ways. */
export interface Upgraded {
  /** The subprotocol that the server chose. */
  readonly protocol: string;
  /** Sends one binary message; resolves when it has left for the socket, so awaiting it gives backpressure. */
  send(message: Uint8Array): Promise<void>;
  /** Messages as they arrive, ending when either side closes; throws when the connection broke. */
  readonly messages: AsyncIterable<Uint8Array>;
  close(): void;
}

export interface Transport {
  request(request: TransportRequest): Promise<TransportResponse>;
  /** Opens a WebSocket; `query` is part of what exec, attach and port-forward send. */
  upgrade(
    request: Pick<TransportRequest, 'path' | 'query' | 'signal'>,
    protocols: readonly string[],
  ): Promise<Upgraded>;
  close(): void;
}

/** The query string with its question mark, or nothing. */
export function formatQuery(query: TransportRequest['query']): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? (value as readonly string[]) : [value])
      parameters.append(name, String(one));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}
