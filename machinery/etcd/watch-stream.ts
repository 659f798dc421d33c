// One watch over every key.
// Guarantees: every event after `afterRevision` is delivered once and in order, across reconnects and changes of
// endpoint, until close(); or `onCompacted` is called once, when history before the resume point is gone.
import { systemClock } from '../clock.ts';
import type { EndpointPool } from './endpoint-pool.ts';
import { translateError } from './errors.ts';
import type { OpenCall } from './grpc/index.ts';
import { decodeWatch, encodeWatchEverything } from './messages.ts';
import type { EtcdEvent, WatchResponse } from './messages.ts';

const retryDelaysMs = [20, 100, 300, 1000];

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

/** Opens the watch; it connects in the background. */
export function openWatch(pool: EndpointPool, options: EtcdWatchOptions): EtcdWatch {
  const closing = new AbortController();
  let delivered = options.afterRevision;
  let drop: ((failure: Error) => void) | undefined;

  const follow = async (): Promise<Error> => {
    const channel = pool.current();
    let stream: OpenCall | undefined;
    try {
      const { promise, resolve: fail } = Promise.withResolvers<Error>();
      drop = fail;
      stream = await channel.open('/etcdserverpb.Watch/Watch', encodeWatchEverything(delivered + 1), {
        onMessage: (message) => {
          if (!closing.signal.aborted && drop === fail) read(decodeWatch(message), fail);
        },
        onEnd: (failure) =>
          fail(failure === undefined ? new Error('etcd ended the watch') : translateError(failure, 'watching etcd')),
      });
      return await promise;
    } catch (error) {
      return translateError(error, 'watching etcd');
    } finally {
      drop = undefined;
      pool.moveOn(channel);
      stream?.cancel();
    }
  };

  const read = (response: WatchResponse, fail: (failure: Error) => void): void => {
    if (response.compactRevision !== 0 || /compacted/.test(response.cancelReason)) {
      closing.abort();
      drop?.(new Error('compacted'));
      options.onCompacted();
    } else if (response.canceled) {
      fail(new Error(`etcd cancelled the watch: ${response.cancelReason}`));
    } else if (response.created) {
      options.onDidChangeConnection?.(true);
    } else {
      deliver(response.events);
    }
  };

  // The header's revision may be ahead of events that are still on their way: only events move the resume point.
  const deliver = (events: readonly EtcdEvent[]): void => {
    const isNew = (events[0]?.revision ?? 0) > delivered;
    const fresh = isNew ? events : events.filter((event) => event.revision > delivered);
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
