// One watch over every key, driven on etcd3's RPC classes because its own watcher skips events after a reconnect.
// Guarantees: every event after `afterRevision` is delivered once and in order, across reconnects and changes of
// endpoint, until close(); or `onCompacted` is called once, when history before the resume point is gone.
import type { IDuplexStream, IEvent, IWatchRequest, IWatchResponse } from 'etcd3';
import { systemClock } from '../clock.ts';
import type { EndpointPool } from './endpoint-pool.ts';
import { translateError } from './errors.ts';

const retryDelaysMs = [20, 100, 300, 1000];

/** One change of a key; `value` is absent for a deletion. */
export interface EtcdEvent {
  readonly key: string;
  readonly value: Buffer | undefined;
  readonly revision: number;
}

export interface EtcdWatchOptions {
  readonly afterRevision: number;
  /** Events in revision order, never empty. */
  readonly onEvents: (events: readonly EtcdEvent[]) => void;
  readonly onCompacted: () => void;
  /** Whether the stream is up; called on each change, with the failure when it went down. */
  readonly onDidChangeConnection?: (connected: boolean, failure?: Error) => void;
}

export interface EtcdWatch {
  /** Drops the stream and resumes on another endpoint: for a member that has fallen silent. */
  reconnect(): void;
  close(): void;
}

type Stream = IDuplexStream<IWatchRequest, IWatchResponse>;

/** Opens the watch; it connects in the background. */
export function openWatch(pool: EndpointPool, options: EtcdWatchOptions): EtcdWatch {
  const closing = new AbortController();
  let delivered = options.afterRevision;
  let drop: ((failure: Error) => void) | undefined;

  const follow = async (): Promise<Error> => {
    const etcd = pool.current();
    let stream: Stream | undefined;
    try {
      stream = await etcd.watchClient.watch();
      return await new Promise<Error>((resolve) => {
        drop = resolve;
        if (stream) read(stream, resolve);
      });
    } catch (error) {
      return translateError(error, 'watching etcd');
    } finally {
      drop = undefined;
      pool.moveOn(etcd);
      // Ended before it is cancelled: etcd3 would otherwise take the cancellation for a failure of the endpoint.
      stream?.end();
      stream?.cancel();
    }
  };

  const read = (stream: Stream, fail: (failure: Error) => void): void => {
    stream.on('data', (response) => {
      if (closing.signal.aborted || drop !== fail) return;
      if (response.compact_revision !== '0' || /compacted/.test(response.cancel_reason)) {
        closing.abort();
        options.onCompacted();
      } else if (response.canceled) {
        fail(new Error(`etcd cancelled the watch: ${response.cancel_reason}`));
      } else if (response.created) {
        options.onDidChangeConnection?.(true);
      } else {
        deliver(response.events);
      }
    });
    stream.on('error', (error) => fail(translateError(error, 'watching etcd')));
    stream.on('end', () => fail(new Error('etcd ended the watch')));
    stream.write({
      create_request: { key: Buffer.from('\0'), range_end: Buffer.from('\0'), start_revision: delivered + 1 },
    });
  };

  // The header's revision may be ahead of events that are still on their way: only events move the resume point.
  const deliver = (events: readonly IEvent[]): void => {
    const fresh = events.map(readEvent).filter((event) => event.revision > delivered);
    delivered = fresh.at(-1)?.revision ?? delivered;
    if (fresh.length > 0) options.onEvents(fresh);
  };

  const run = async (): Promise<void> => {
    for (let failures = 0; !closing.signal.aborted && !pool.closed; failures++) {
      const resumeFrom = delivered;
      const failure = await follow();
      if (closing.signal.aborted || pool.closed) return;
      options.onDidChangeConnection?.(false, failure);
      if (delivered > resumeFrom) failures = 0;
      await systemClock.sleep(retryDelaysMs[Math.min(failures, retryDelaysMs.length - 1)] ?? 1000, closing.signal);
    }
  };
  void run();

  return {
    reconnect: () => drop?.(new Error('reconnecting')),
    close: () => {
      closing.abort();
      drop?.(new Error('closed'));
    },
  };
}

function readEvent(event: IEvent): EtcdEvent {
  return {
    key: event.kv.key.toString('utf8'),
    value: String(event.type).toUpperCase() === 'PUT' ? event.kv.value : undefined,
    revision: Number(event.kv.mod_revision),
  };
}
