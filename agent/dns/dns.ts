// Cluster DNS on this node: keeps a worker thread alive, its names up to date and its address on the machine. When the
// thread ends for any reason it is started again and told everything anew.
import { Worker } from 'node:worker_threads';
import { createBackoff } from '../../machinery/backoff.ts';
import { systemClock } from '../../machinery/clock.ts';
import { runBatchLoop } from '../network/batch-loop.ts';
import type { DnsOptions } from '../network/contract.ts';
import { indexSlices, onDidChangeServices } from '../network/service-slices.ts';
import { ensureServiceLink } from '../network/service-link.ts';
import { createDnsFallback, peerAddressOf, planPeers } from './fallback.ts';
import { planServiceRecords } from './service-records.ts';
import type { DnsWorkerData, FromDnsWorker, ToDnsWorker } from './worker-contract.ts';

const repairEveryMs = 10_000;

/** Set by the build: the thread's program alone, so that the thread does not load the whole bundle (20 MB less). */
declare const pilothouseDnsWorker: string | undefined;

/** Names are kept in the old generation; a small young one only means more frequent, shorter collections. */
const resourceLimits = { maxYoungGenerationSizeMb: 4 };

/** Starts the thread: from its own file in development, from the embedded text or the bundle itself otherwise. */
function startWorker(data: DnsWorkerData): Worker {
  const options = { workerData: data, name: 'dns', execArgv: [], resourceLimits };
  if (import.meta.url.endsWith('.ts')) return new Worker(new URL('./worker-main.ts', import.meta.url), options);
  if (typeof pilothouseDnsWorker === 'string') return new Worker(pilothouseDnsWorker, { ...options, eval: true });
  return new Worker(new URL(import.meta.url), options);
}

/** Runs until the signal aborts; never throws but for an abort before the informers have synced. */
export async function runDns(options: DnsOptions): Promise<void> {
  const { informers, nodeName, clusterDns, clusterDomain, serviceCidr, logger, signal, clock = systemClock } = options;
  const { services, endpointSlices, nodes } = informers;
  const slicesOf = indexSlices(endpointSlices);
  const data: DnsWorkerData = {
    role: 'dns',
    address: clusterDns,
    port: options.port ?? 53,
    domain: clusterDomain,
    resolvConf: options.resolvConf ?? '/etc/resolv.conf',
    stubDomains: options.stubDomains ?? {},
  };
  const fallback = createDnsFallback(clusterDns, data.port);
  const backoff = createBackoff({ initialMs: 200, maxMs: 10_000 });
  while (!signal.aborted) {
    const startedMs = clock.now();
    const ended = new AbortController();
    const done = AbortSignal.any([signal, ended.signal]);
    try {
      await ensureServiceLink({ serviceCidr, address: clusterDns });
      const worker = startWorker(data);
      options.figures?.follow(worker);
      const failure = watch(worker, () => logger.info({ address: clusterDns, port: data.port }, 'cluster DNS answers'));
      void failure.finally(() => ended.abort());
      void tellNames(worker, done);
      void tellNodes(worker, done);
      const err = await Promise.race([failure, aborted(signal)]);
      await worker.terminate();
      if (signal.aborted) return;
      logger.error({ err }, 'the DNS thread has ended; starting it again');
    } catch (err) {
      logger.error({ err }, 'the DNS thread cannot be started; trying again');
    } finally {
      ended.abort();
    }
    if (clock.now() - startedMs > 60_000) backoff.reset();
    await clock.sleep(backoff.nextMs(), signal);
  }

  async function tellNames(worker: Worker, done: AbortSignal): Promise<void> {
    const tell = (message: ToDnsWorker): void => worker.postMessage(message);
    const synced = Promise.all([services.whenSynced(done), endpointSlices.whenSynced(done)]);
    if (!(await synced.then(() => true).catch(() => false))) return;
    let isFirst = true;
    await runBatchLoop({
      name: 'names',
      subscribe(add) {
        add('');
        return onDidChangeServices(informers, add);
      },
      sync(keys) {
        const found = [...keys].map((key) => ({ key, service: services.get(key) }));
        tell({
          type: 'change',
          put: found.flatMap(({ key, service }) =>
            service === undefined ? [] : [planServiceRecords(service, slicesOf(key))],
          ),
          remove: found.flatMap(({ key, service }) => (service === undefined && key !== '' ? [key] : [])),
        });
        if (isFirst) tell({ type: 'ready' });
        isFirst = false;
        return Promise.resolve();
      },
      repair: () => ensureServiceLink({ serviceCidr, address: clusterDns }),
      repairEveryMs,
      logger,
      clock,
      signal: done,
    });
  }

  /** Answers other machines' pods at the bridge's address too, and lets other machines answer ours in need. */
  async function tellNodes(worker: Worker, done: AbortSignal): Promise<void> {
    if (
      !(await nodes.whenSynced(done).then(
        () => true,
        () => false,
      ))
    )
      return;
    await runBatchLoop({
      name: 'DNS fallback',
      subscribe(add) {
        add('');
        return nodes.onDidChange(({ key }) => add(key));
      },
      sync() {
        const own = nodes.get(nodeName);
        const address = own && peerAddressOf(own);
        if (address !== undefined) worker.postMessage({ type: 'listen', address } satisfies ToDnsWorker);
        return fallback.setPeers(planPeers(nodes.list(), nodeName));
      },
      repair: () => fallback.repair(),
      repairEveryMs,
      restMs: 5_000,
      logger,
      clock,
      signal: done,
    });
  }
}

/** Resolves with the reason when the thread has ended. */
function watch(worker: Worker, onListening: () => void): Promise<Error> {
  return new Promise((resolve) => {
    worker.on('message', (message: FromDnsWorker) => {
      if (message.type === 'listening') onListening();
    });
    worker.on('error', (error) => resolve(error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', (code) => resolve(new Error(`the DNS thread ended with code ${code}`)));
  });
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
