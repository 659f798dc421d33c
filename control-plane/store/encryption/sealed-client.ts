// An etcd client behind which values are sealed: everything above sees plain values and knows nothing of it. Guards are
// by revision, so sealing the same value differently each time disturbs nothing.
import type { EtcdClient, EtcdEvent, EtcdKeyValue, GuardedWrite } from '../../../machinery/etcd/index.ts';
import type { Logger } from '../../../machinery/logger.ts';
import type { ValueCodec } from './value-codec.ts';

/** The client with values sealed and opened on their way. A value that does not open fails the read. */
export function sealClient(client: EtcdClient, codec: ValueCodec, logger: Logger): EtcdClient {
  const opened = (item: EtcdKeyValue): EtcdKeyValue => {
    const value = codec.fromEtcd(item.key, item.value);
    return value === item.value ? item : { ...item, value };
  };
  const openedEvent = (event: EtcdEvent): EtcdEvent => {
    if (event.value === undefined) return event;
    const value = codec.fromEtcd(event.key, event.value);
    return value === event.value ? event : { ...event, value };
  };
  const sealed = (request: GuardedWrite): GuardedWrite => {
    const { write } = request;
    if ('delete' in write) return request;
    return { ...request, write: { put: write.put, value: codec.toEtcd(write.put, write.value) } };
  };
  const sealedRequests = new WeakMap<GuardedWrite, GuardedWrite>();
  return {
    ...client,
    async range(request) {
      const result = await client.range(request);
      return { ...result, items: result.items.map(opened) };
    },
    async transact(request) {
      // A retry sends the same bytes: whoever compares what landed sees its own.
      let outgoing = sealedRequests.get(request);
      if (outgoing === undefined) sealedRequests.set(request, (outgoing = sealed(request)));
      const result = await client.transact(outgoing);
      if (result.landed) return { ...result, previous: result.previous && opened(result.previous) };
      return { ...result, found: result.found.map((item) => item && opened(item)) };
    },
    watch(options) {
      const watch = client.watch({
        ...options,
        onEvents(events) {
          let plain: EtcdEvent[];
          try {
            plain = events.map(openedEvent);
          } catch (error) {
            // Another server writes with a key that this one lacks. Going on would show a state that is not so:
            // the reader reads everything again, fails, and says so in its readiness.
            logger.error({ err: error }, 'a value from etcd cannot be opened; restart this server with the new key');
            watch.close();
            options.onCompacted();
            return;
          }
          options.onEvents(plain);
        },
      });
      return watch;
    },
  };
}
