// The etcd endpoints of one client: stays with one that answers, moves on when it does not, and comes back to the first,
// which is its own machine's, once that serves again. Retrying is the caller's decision, because only the caller knows what
// a write that may have landed means.
import { systemClock, type Cancel } from '../clock.ts';
import { EtcdClientError, translateError } from './errors.ts';
import { createGrpcChannel } from './grpc/index.ts';
import type { Dial, GrpcChannel, GrpcCredentials } from './grpc/index.ts';
import { encodeRange } from './messages.ts';
import type { SoleWriter } from './sole-writer.ts';

/** Where etcd is, and how we show ourselves; PEM texts. */
export interface EtcdAccess extends GrpcCredentials {
  readonly endpoints: readonly string[];
  /** It is the only member and always will be: what it has applied is all that was ever acknowledged. */
  readonly isOnlyMember?: boolean;
  /** How endpoints are reached when not by a connection from here. */
  readonly dial?: Dial;
  /** Present where only this process writes, but for guests that it knows of. */
  readonly soleWriter?: SoleWriter;
}

const rounds = 3;
const roundDelayMs = 200;
/** Between two questions to the first endpoint while another is in use, and how long its answer may take. */
const homeDelayMs = 1_000;
const homeTimeoutMs = 1_000;

export class EndpointPool {
  readonly endpoints: readonly string[];
  readonly #channels: readonly GrpcChannel[];
  #current = 0;
  #closed = false;
  #stopAsking: Cancel | undefined;

  constructor(access: EtcdAccess) {
    if (access.endpoints.length === 0) throw new EtcdClientError('other', 'no etcd endpoint is given');
    const { endpoints, ca, cert, key, dial } = access;
    this.endpoints = endpoints;
    this.#channels = endpoints.map((endpoint) => createGrpcChannel(endpoint, { ca, cert, key }, dial));
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** The channel in use, for one call. */
  current(): GrpcChannel {
    if (this.#closed) throw new EtcdClientError('closed', 'the etcd client is closed');
    const channel = this.#channels[this.#current];
    if (!channel) throw new EtcdClientError('other', 'no etcd endpoint');
    return channel;
  }

  /** Each endpoint with its own channel, for questions about members. */
  each(): readonly (readonly [string, GrpcChannel])[] {
    return this.#channels.map((channel, index) => [this.endpoints[index] ?? '', channel]);
  }

  /** Moves on to the next endpoint, if `failed` is still the one in use. */
  moveOn(failed: GrpcChannel): void {
    if (this.#channels[this.#current] !== failed) return;
    this.#current = (this.#current + 1) % this.#channels.length;
    if (this.#current !== 0 && !this.#closed) this.#askHome();
  }

  /** Asks the first endpoint, until it is in use again, whether it serves: linearizably, so that it has a leader. */
  #askHome(): void {
    this.#stopAsking ??= systemClock.setTimeout(() => {
      const [home] = this.#channels;
      this.#stopAsking = undefined;
      if (home === undefined || this.#current === 0 || this.#closed) return;
      const question = encodeRange({ key: '\0', countOnly: true });
      home.unary('/etcdserverpb.KV/Range', question, homeTimeoutMs).then(
        () => (this.#current = 0),
        () => this.#closed || this.#askHome(),
      );
    }, homeDelayMs);
  }

  /** One call on the endpoint in use; a failure is translated, and an unavailable endpoint is left. */
  async call<T>(doing: string, fn: (channel: GrpcChannel) => Promise<T>): Promise<T> {
    const channel = this.current();
    try {
      return await fn(channel);
    } catch (error) {
      const translated = translateError(error, doing);
      if (translated.failure === 'unavailable') this.moveOn(channel);
      throw this.#closed ? new EtcdClientError('closed', 'the etcd client is closed', error) : translated;
    }
  }

  /** The same, trying every endpoint, in a few rounds while etcd restarts: for calls that may safely run twice. */
  async callAny<T>(doing: string, fn: (channel: GrpcChannel) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.call(doing, fn);
      } catch (error) {
        if (!(error instanceof EtcdClientError) || error.failure !== 'unavailable') throw error;
        if (tries >= this.#channels.length * rounds) throw error;
        if (tries % this.#channels.length === 0) await systemClock.sleep(roundDelayMs);
      }
    }
  }

  /** Who we are from the next connections on. */
  setCredentials(credentials: GrpcCredentials): void {
    for (const channel of this.#channels) channel.setCredentials(credentials);
  }

  close(): void {
    this.#closed = true;
    this.#stopAsking?.();
    for (const channel of this.#channels) channel.close();
  }
}
