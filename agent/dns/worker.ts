// The DNS thread. It holds its own copy of the cluster's names, so it answers whatever the main thread or the API server
// are doing. Imports nothing heavy: what it costs in memory is a thread and the names.
import { readFile } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../../machinery/clock.ts';
import { listenDns } from './listener.ts';
import { parseResolvConf, parseResolver } from './resolv-conf.ts';
import { createResponder } from './responder.ts';
import { createUpstream } from './upstream.ts';
import type { Upstream } from './upstream.ts';
import type { DnsWorkerData, FromDnsWorker, ToDnsWorker } from './worker-contract.ts';
import { createZone } from './zone.ts';

const resolvConfEveryMs = 10_000;

/** Follows the machine's resolv.conf; a file that cannot be read leaves the last known resolvers. */
async function followResolvConf(upstream: Upstream, o: DnsWorkerData): Promise<void> {
  for (let known = ''; ; await systemClock.sleep(resolvConfEveryMs)) {
    const text = await readFile(o.resolvConf, 'utf8').catch(() => known);
    if (text !== known) upstream.setResolvers(parseResolvConf(text, [o.address]));
    known = text;
  }
}

/** Runs the DNS in this worker thread, as `workerData` (a `DnsWorkerData`) says. Throws when it cannot listen. */
export async function dnsWorkerMain(): Promise<void> {
  const options = workerData as DnsWorkerData;
  const tell = (message: FromDnsWorker): void => parentPort?.postMessage(message);
  const stubDomains = new Map(
    Object.entries(options.stubDomains).map(([suffix, owners]) => [
      suffix.toLowerCase().replace(/\.$/, ''),
      owners.flatMap((owner) => parseResolver(owner) ?? []),
    ]),
  );
  const zone = createZone(options.domain);
  const upstream = createUpstream({ resolvers: [], stubDomains, clock: systemClock });
  const responder = createResponder(zone, upstream);
  parentPort?.on('message', (message: ToDnsWorker) => {
    switch (message.type) {
      case 'change':
        for (const key of message.remove) zone.remove(key);
        for (const records of message.put) zone.put(records);
        return responder.forget();
      case 'ready':
        return responder.setReady();
      case 'counters':
        return tell({ type: 'counters', counters: { ...responder.counters } });
    }
  });
  await listenDns(responder, options.address, options.port);
  tell({ type: 'listening' });
  await followResolvConf(upstream, options);
}
