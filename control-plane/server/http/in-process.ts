// Requests from parts of the same process, without a socket: the same pipeline (authentication, authorization, fairness,
// admission, audit) sees them as it sees everybody's, as the user that the peer names. Bytes are handed over, not copied:
// a caller must not change what it receives.
import { STATUS_CODES } from 'node:http';
import type { OutgoingHttpHeaders } from 'node:http';
import { Readable, Writable } from 'node:stream';
import { serviceUnavailable, type ApiError } from '../../../api/meta/status.ts';
import { formatQuery } from '../../../machinery/transport/contract.ts';
import type { Transport, TransportRequest, TransportResponse } from '../../../machinery/transport/contract.ts';
import type { NodeRequest, NodeResponse } from './exchange.ts';
import type { Peer } from './peer.ts';

/** Answers one request: what the listener calls for requests from outside. */
export type Handle = (request: NodeRequest, response: NodeResponse, peer: Peer) => void;

/** As much of an unread answer as may wait in memory before its writer is told to wait. */
const highWaterBytes = 1024 * 1024;
const nothing = Buffer.alloc(0);

/** A request whose body is there already. */
export class InProcessRequest extends Readable {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: Buffer;

  constructor({ method, path, query, headers, body }: TransportRequest) {
    super();
    this.method = method;
    this.url = path + formatQuery(query);
    this.body = body === undefined ? nothing : Buffer.from(body as Uint8Array);
    this.headers = { ...headers, 'content-length': String(this.body.length) };
  }

  override _read(): void {
    this.push(this.body);
    this.push(null);
  }
}

/** What a handler needs of a ServerResponse; what is written waits for its reader. */
class InProcessResponse extends Writable {
  statusCode = 200;
  statusMessage = '';
  headersSent = false;
  readonly #headers: Record<string, string> = {};
  readonly #onHead: () => void;
  #chunks: Buffer[] = [];
  #waitingBytes = 0;
  #hasEnded = false;
  #resume: (() => void) | undefined;
  #wake: (() => void) | undefined;

  constructor(onHead: () => void) {
    super({ decodeStrings: true, highWaterMark: highWaterBytes });
    this.#onHead = onHead;
    this.on('error', () => undefined);
    this.once('close', () => this.#wake?.());
  }

  get headers(): Readonly<Record<string, string>> {
    return this.#headers;
  }

  setHeader(name: string, value: number | string | readonly string[]): this {
    this.#headers[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : String(value);
    return this;
  }

  getHeader(name: string): string | undefined {
    return this.#headers[name.toLowerCase()];
  }

  hasHeader(name: string): boolean {
    return this.getHeader(name) !== undefined;
  }

  writeHead(code: number, headers: OutgoingHttpHeaders = {}): this {
    this.statusCode = code;
    this.statusMessage = STATUS_CODES[code] ?? '';
    for (const name in headers) {
      const value = headers[name];
      if (value !== undefined) this.setHeader(name, value);
    }
    this.flushHeaders();
    return this;
  }

  flushHeaders(): void {
    if (this.headersSent) return;
    this.headersSent = true;
    this.#onHead();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.flushHeaders();
    this.#chunks.push(chunk);
    this.#waitingBytes += chunk.length;
    this.#wake?.();
    if (this.#waitingBytes < highWaterBytes) done();
    else this.#resume = done;
  }

  override _final(done: () => void): void {
    this.flushHeaders();
    this.#hasEnded = true;
    this.#wake?.();
    done();
  }

  /** The body as it is written; leaving the loop early ends the request. Throws when the answer breaks off. */
  async *read(signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const chunks = this.#chunks;
        this.#chunks = [];
        this.#waitingBytes = 0;
        this.#resume?.();
        this.#resume = undefined;
        yield* chunks;
        if (this.#chunks.length > 0) continue;
        if (this.#hasEnded) return;
        if (signal?.aborted) throw signal.reason;
        if (this.destroyed) throw serviceUnavailable('the API server broke off in the middle of an answer');
        await new Promise<void>((resolve) => (this.#wake = resolve));
        this.#wake = undefined;
      }
    } finally {
      if (!this.#hasEnded) this.destroy();
    }
  }

  /** The whole body as text. */
  async text(signal: AbortSignal | undefined): Promise<string> {
    const chunks: Uint8Array[] = [];
    if (this.#hasEnded) chunks.push(...this.#chunks.splice(0));
    else for await (const chunk of this.read(signal)) chunks.push(chunk);
    const [only] = chunks;
    return (
      chunks.length === 1 && only !== undefined
        ? Buffer.from(only.buffer, only.byteOffset, only.length)
        : Buffer.concat(chunks)
    ).toString('utf8');
  }
}

/** A transport to a server of this process, as the user that `peer` names. */
export function createInProcessTransport(handle: Handle, peer: Peer): Transport {
  let isClosed = false;
  const open = new Set<InProcessResponse>();

  const request = (one: TransportRequest): Promise<TransportResponse> =>
    new Promise((resolve, reject) => {
      const { signal } = one;
      if (isClosed) return reject(serviceUnavailable('this client is closed'));
      if (signal?.aborted) return reject(signal.reason as Error);
      const abort = (): void => void response.destroy();
      const response = new InProcessResponse(() =>
        resolve({
          status: response.statusCode,
          headers: response.headers,
          body: response.read(signal),
          text: () => response.text(signal),
        }),
      );
      open.add(response);
      signal?.addEventListener('abort', abort, { once: true });
      response.once('close', () => {
        open.delete(response);
        signal?.removeEventListener('abort', abort);
        if (response.headersSent) return;
        reject((signal?.aborted ? signal.reason : serviceUnavailable('the API server gave no answer')) as ApiError);
      });
      handle(new InProcessRequest(one) as unknown as NodeRequest, response as unknown as NodeResponse, peer);
    });

  return {
    request,
    upgrade: () => Promise.reject(serviceUnavailable('connections cannot be upgraded within one process')),
    close() {
      isClosed = true;
      for (const response of open) response.destroy();
    },
  };
}
