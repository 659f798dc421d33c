// The DNS thread. It holds its own copy of the cluster's names, so it answers whatever the main thread or the API server
// are doing. Imports nothing heavy: what it costs in memory is a thread and the names.
import { readFile } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../../machinery/clock.ts';
import { listenDns } from './listener.ts';
import { parseResolvConf, parseResolver } from './resolv-conf.ts';
import { createResponder } from './responder.ts';
import type { Responder } from './responder.ts';
import { createUpstream } from './upstream.ts';
import type { Upstream } from './upstream.ts';
import type { DnsWorkerData, FromDnsWorker, ToDnsWorker } from './worker-contract.ts';
import { createZone } from './zone.ts';

const resolvConfEveryMs = 10_000;
const listenAgainMs = 2_000;
const longestSilenceMs = 5_000;

/** Listens at an address that may not be on the machine yet, or may belong to somebody else for ever. */
async function listenWhenPossible(responder: Responder, address: string, port: number): Promise<void> {
  for (;;) {
    const listener = await listenDns(responder, address, port).catch(() => undefined);
    if (listener !== undefined) return;
    await systemClock.sleep(listenAgainMs);
  }
}

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
  const listening = new Set([options.address]);
  const complete = Promise.withResolvers<void>();
  parentPort?.on('message', (message: ToDnsWorker) => {
    switch (message.type) {
      case 'change':
        for (const key of message.remove) zone.remove(key);
        for (const records of message.put) zone.put(records);
        return responder.forget();
      case 'listen':
        if (listening.has(message.address)) return;
        listening.add(message.address);
        return void listenWhenPossible(responder, message.address, options.port);
      case 'ready':
        responder.setReady();
        return complete.resolve();
      case 'counters':
        return tell({ type: 'counters', counters: { ...responder.counters } });
    }
  });
  // Until the zone is complete another machine's answer is better than SERVFAIL; but names outside the cluster must not
  // wait for an API server that is away.
  await Promise.race([complete.promise, systemClock.sleep(longestSilenceMs)]);
  await listenDns(responder, options.address, options.port);
  tell({ type: 'listening' });
  await followResolvConf(upstream, options);
}
