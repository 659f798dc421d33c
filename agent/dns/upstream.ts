// Names that are not the cluster's: asked of the machine's resolvers (or those of a stub domain) and remembered.
// Guarantees: one question in flight per name and type, however many ask; a resolver that failed is tried last for a
// while; nothing is remembered longer than its TTL, failures not at all; memory is bounded.
import type { Clock } from '../../machinery/clock.ts';
import { exchange } from './exchange.ts';
import type { Resolver } from './exchange.ts';
import { copyResponse, readResponse } from './foreign-message.ts';
import type { KeptResponse } from './foreign-message.ts';
import type { Query } from './wire.ts';

export interface UpstreamOptions {
  readonly resolvers: readonly Resolver[];
  /** Suffix (lower case) → resolvers that own it; the longest suffix wins. */
  readonly stubDomains?: ReadonlyMap<string, readonly Resolver[]>;
  readonly clock: Clock;
  readonly timeoutMs?: number;
  readonly cacheEntries?: number;
  readonly maxInFlight?: number;
}

export interface Upstream {
  /** The response for this query, with its id; undefined when no resolver answers. */
  ask(message: Buffer, query: Query): Promise<Buffer | undefined>;
  /** The response if it is remembered; no I/O. */
  recall(message: Buffer, query: Query): Buffer | undefined;
  setResolvers(resolvers: readonly Resolver[]): void;
  readonly cached: number;
}

const avoidFailedMs = 5_000;

/** An upstream with an empty memory. */
export function createUpstream(options: UpstreamOptions): Upstream {
  const { clock, timeoutMs = 2_000, cacheEntries = 10_000, maxInFlight = 1_000, stubDomains } = options;
  let { resolvers } = options;
  const cache = new Map<string, { kept: KeptResponse; atMs: number }>();
  const inFlight = new Map<string, Promise<KeptResponse | undefined>>();
  const failedAtMs = new Map<string, number>();

  const keyOf = ({ name, type, class: dnsClass, edns, recursionDesired }: Query): string =>
    `${name.toLowerCase()} ${type} ${dnsClass} ${edns === undefined ? '' : edns.dnssec ? 'do' : 'edns'} ${recursionDesired}`;
  const resolversFor = (name: string): readonly Resolver[] => {
    let best: [string, readonly Resolver[]] | undefined;
    for (const [suffix, owners] of stubDomains ?? []) {
      const matches = name === suffix || name.endsWith(`.${suffix}`);
      if (matches && suffix.length > (best?.[0].length ?? -1)) best = [suffix, owners];
    }
    return best?.[1] ?? resolvers;
  };
  const inOrder = (candidates: readonly Resolver[]): Resolver[] => {
    const recentlyFailed = ({ address, port }: Resolver): number => {
      const atMs = failedAtMs.get(`${address} ${port}`);
      return atMs !== undefined && clock.now() - atMs < avoidFailedMs ? 1 : 0;
    };
    return [...candidates].sort((a, b) => recentlyFailed(a) - recentlyFailed(b));
  };
  const remember = (key: string, kept: KeptResponse): void => {
    if (kept.ttlSeconds <= 0) return;
    cache.delete(key);
    cache.set(key, { kept, atMs: clock.now() });
    for (const oldest of cache.keys()) {
      if (cache.size <= cacheEntries) break;
      cache.delete(oldest);
    }
  };
  const fetch = async (key: string, message: Buffer, query: Query): Promise<KeptResponse | undefined> => {
    let answer: KeptResponse | undefined;
    for (const resolver of inOrder(resolversFor(query.name.toLowerCase())).slice(0, 3)) {
      const id = `${resolver.address} ${resolver.port}`;
      const response = await exchange(message, query.questionEnd, resolver, timeoutMs).catch(() => undefined);
      answer = (response && readResponse(response)) ?? answer;
      const code = answer === undefined ? 2 : answer.bytes.readUInt16BE(2) & 15;
      if (answer !== undefined && code !== 2 && code !== 5) {
        failedAtMs.delete(id);
        remember(key, answer);
        return answer;
      }
      failedAtMs.set(id, clock.now()); // silent, SERVFAIL or REFUSED: somebody else may know
    }
    return answer;
  };
  return {
    recall(message, query) {
      const found = cache.get(keyOf(query));
      if (found === undefined) return undefined;
      const ageSeconds = Math.floor((clock.now() - found.atMs) / 1000);
      if (ageSeconds >= found.kept.ttlSeconds) return undefined;
      return copyResponse(found.kept, message, query.questionEnd, ageSeconds);
    },
    async ask(message, query) {
      const key = keyOf(query);
      let pending = inFlight.get(key);
      if (pending === undefined) {
        if (inFlight.size >= maxInFlight) return undefined;
        pending = fetch(key, message, query).finally(() => inFlight.delete(key));
        inFlight.set(key, pending);
      }
      const kept = await pending;
      return kept && copyResponse(kept, message, query.questionEnd, 0);
    },
    setResolvers(next) {
      resolvers = next;
    },
    get cached() {
      return cache.size;
    },
  };
}
