// The etcd endpoints of one client: stays with one that answers, moves to another that serves when it does not, and comes back
// to the first, which is its own machine's, once that serves again. Where none serves, calls fail at once. Retrying is the caller's decision, because only the caller knows what
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

/** Tries for each endpoint. */
const rounds = 3;
const roundDelayMs = 200;
/** Between two questions to the first endpoint while another is in use. */
const homeDelayMs = 1_000;
/** How long an endpoint may take to show that it serves. */
const answerMs = 1_000;
/** Answered linearizably: by who has a leader. */
const question = encodeRange({ key: '\0', countOnly: true });

export class EndpointPool {
  readonly endpoints: readonly string[];
  readonly #channels: readonly GrpcChannel[];
  #current = 0;
  #closed = false;
  #search: Promise<void> | undefined;
  /** The last search has found none. */
  #isCutOff = false;
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

  /** Looks for another endpoint that serves, if `failed` is still the one in use. */
  moveOn(failed: GrpcChannel): void {
    if (this.#closed || this.#channels.length === 1 || this.#channels[this.#current] !== failed) return;
    this.#search ??= this.#findServing(failed).finally(() => (this.#search = undefined));
  }

  /**
   * Takes the first other endpoint that serves. While none does, the own machine's stays in use: it refuses at once where one
   * that cannot be reached is waited for, and a client that is refused may ask another API server.
   */
  async #findServing(failed: GrpcChannel): Promise<void> {
    const others = this.#channels.filter((channel) => channel !== failed);
    const tooLate = new AbortController();
    const never = systemClock
      .sleep(answerMs, tooLate.signal)
      .then(() => Promise.reject(new Error('no answer in time')));
    try {
      const asked = others.map(async (channel) => {
        await channel.unary('/etcdserverpb.KV/Range', question, answerMs);
        return channel;
      });
      this.#current = this.#channels.indexOf(await Promise.race([Promise.any(asked), never]));
      this.#isCutOff = false;
    } catch {
      this.#current = 0;
      this.#isCutOff = true;
    } finally {
      never.catch(() => undefined);
      tooLate.abort();
    }
    if (this.#current !== 0 && !this.#closed) this.#askHome();
  }

  /** Asks the first endpoint, until it is in use again, whether it serves. */
  #askHome(): void {
    this.#stopAsking ??= systemClock.setTimeout(() => {
      const [home] = this.#channels;
      this.#stopAsking = undefined;
      if (home === undefined || this.#current === 0 || this.#closed) return;
      home.unary('/etcdserverpb.KV/Range', question, answerMs).then(
        () => (this.#current = 0),
        () => this.#closed || this.#askHome(),
      );
    }, homeDelayMs);
  }

  /** One call on the endpoint in use; a failure is translated, and an unavailable endpoint is left. */
  async call<T>(doing: string, fn: (channel: GrpcChannel) => Promise<T>): Promise<T> {
    // What is found within moments serves this call too.
    if (this.#search !== undefined && !this.#isCutOff) await this.#search;
    const channel = this.current();
    try {
      const answer = await fn(channel);
      this.#isCutOff = false;
      return answer;
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
        await this.#search;
        if (this.#isCutOff || this.#channels.length === 1) await systemClock.sleep(roundDelayMs);
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
