// Brings stored values to the key that is written with now: after a rotation, or after encryption was turned on or off.
// Works on the raw client; each value is replaced only if nobody changed it meanwhile. Running it again is harmless.
import type { Clock } from '../../../machinery/clock.ts';
import { prefixEnd, type EtcdClient } from '../../../machinery/etcd/index.ts';
import type { Logger } from '../../../machinery/logger.ts';
import type { ValueCodec } from './value-codec.ts';

const pageSize = 200;
const inFlight = 8;

export interface RewriteOutcome {
  readonly looked: number;
  readonly rewritten: number;
}

/** Rewrites every stale value under the codec's prefixes; stops early when the signal aborts. */
export async function rewriteStaleValues(
  client: EtcdClient,
  codec: ValueCodec,
  signal: AbortSignal,
): Promise<RewriteOutcome> {
  let looked = 0;
  let rewritten = 0;
  for (const prefix of codec.prefixes) {
    for (let key = prefix, more = true; more && !signal.aborted;) {
      const page = await client.range({ key, end: prefixEnd(prefix), limit: pageSize });
      looked += page.items.length;
      const stale = page.items.filter((item) => codec.isStale(item.key, item.value));
      const worker = async (): Promise<void> => {
        for (let item = stale.pop(); item !== undefined && !signal.aborted; item = stale.pop()) {
          const value = codec.toEtcd(item.key, codec.fromEtcd(item.key, item.value));
          const result = await client.transact({
            guards: [{ key: item.key, modRevision: item.modRevision }],
            write: { put: item.key, value },
            otherwiseRead: [],
          });
          // Who changed it meanwhile wrote it with the new key.
          if (result.landed) rewritten++;
        }
      };
      await Promise.all(Array.from({ length: inFlight }, worker));
      more = page.more;
      key = `${page.items.at(-1)?.key ?? prefix}\0`;
    }
  }
  return { looked, rewritten };
}

const retryMs = 30_000;

/** The same until it has gone through once. For one server at a time: the caller elects it. */
export async function runRewrite(options: {
  readonly client: EtcdClient;
  readonly codec: ValueCodec;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { client, codec, clock, logger, signal } = options;
  while (!signal.aborted) {
    try {
      const outcome = await rewriteStaleValues(client, codec, signal);
      if (outcome.rewritten > 0) logger.info(outcome, 'stored values were sealed anew with the first key');
      return;
    } catch (err) {
      logger.warn({ err }, 'sealing stored values anew; trying again');
      await clock.sleep(retryMs, signal);
    }
  }
}
