// The etcd endpoints of one client: stays with one that answers, moves on when it does not. Retrying is the caller's
// decision, because only the caller knows what a write that may have landed means.
import { Etcd3 } from 'etcd3';
import type { IOptions } from 'etcd3';
import { systemClock } from '../clock.ts';
import { EtcdClientError, translateError } from './errors.ts';

/** Where etcd is; PEM texts. */
export interface EtcdAccess {
  readonly endpoints: readonly string[];
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Large enough for a page of 500 objects at etcd's own 1.5 MB request limit, and for a busy watch's batch. */
const maxMessageBytes = 1024 * 1024 * 1024;

const rounds = 3;
const roundDelayMs = 200;

// etcd3's own policies retry writes and open circuits for seconds; both are decided here instead.
const passThrough = {
  execute: async (fn: (context: unknown) => unknown): Promise<unknown> => fn({ signal: undefined }),
};

export class EndpointPool {
  readonly endpoints: readonly string[];
  readonly #clients: readonly Etcd3[];
  #current = 0;
  #closed = false;

  constructor(access: EtcdAccess) {
    if (access.endpoints.length === 0) throw new EtcdClientError('other', 'no etcd endpoint is given');
    this.endpoints = access.endpoints;
    this.#clients = access.endpoints.map((endpoint) => new Etcd3(clientOptions(endpoint, access)));
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** The client in use, for one call. */
  current(): Etcd3 {
    if (this.#closed) throw new EtcdClientError('closed', 'the etcd client is closed');
    const client = this.#clients[this.#current];
    if (!client) throw new EtcdClientError('other', 'no etcd endpoint');
    return client;
  }

  /** Each endpoint with its own client, for questions about members. */
  each(): readonly (readonly [string, Etcd3])[] {
    return this.#clients.map((client, index) => [this.endpoints[index] ?? '', client]);
  }

  /** Moves on to the next endpoint, if `failed` is still the one in use. */
  moveOn(failed: Etcd3): void {
    if (this.#clients[this.#current] === failed) this.#current = (this.#current + 1) % this.#clients.length;
  }

  /** One call on the endpoint in use; a failure is translated, and an unavailable endpoint is left. */
  async call<T>(doing: string, fn: (client: Etcd3) => Promise<T>): Promise<T> {
    const client = this.current();
    try {
      return await fn(client);
    } catch (error) {
      const translated = translateError(error, doing);
      if (translated.failure === 'unavailable') this.moveOn(client);
      throw this.#closed ? new EtcdClientError('closed', 'the etcd client is closed', error) : translated;
    }
  }

  /** The same, trying every endpoint, in a few rounds while etcd restarts: for calls that may safely run twice. */
  async callAny<T>(doing: string, fn: (client: Etcd3) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.call(doing, fn);
      } catch (error) {
        if (!(error instanceof EtcdClientError) || error.failure !== 'unavailable') throw error;
        if (tries >= this.#clients.length * rounds) throw error;
        if (tries % this.#clients.length === 0) await systemClock.sleep(roundDelayMs);
      }
    }
  }

  close(): void {
    this.#closed = true;
    for (const client of this.#clients) client.close();
  }
}

function clientOptions(endpoint: string, access: EtcdAccess): IOptions {
  const secure = endpoint.startsWith('https:');
  return {
    hosts: endpoint,
    credentials: secure && access.ca !== undefined ? pemCredentials(access.ca, access) : undefined,
    grpcOptions: {
      'grpc.max_receive_message_length': maxMessageBytes,
      'grpc.max_send_message_length': maxMessageBytes,
      'grpc.keepalive_time_ms': 10_000,
      'grpc.keepalive_timeout_ms': 5_000,
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.min_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 1_000,
    },
    faultHandling: { host: () => passThrough, global: passThrough } as unknown as IOptions['faultHandling'],
  };
}

function pemCredentials(ca: string, access: EtcdAccess): NonNullable<IOptions['credentials']> {
  return {
    rootCertificate: Buffer.from(ca),
    privateKey: access.key === undefined ? undefined : Buffer.from(access.key),
    certChain: access.cert === undefined ? undefined : Buffer.from(access.cert),
  };
}
