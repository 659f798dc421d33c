// What the DNS thread has counted, asked of it when somebody wants to know. A thread that does not answer in time, or is
// being started again, answers nothing.
import type { Worker } from 'node:worker_threads';
import type { Clock } from '../../machinery/clock.ts';
import type { DnsCounters } from './responder.ts';
import type { FromDnsWorker, ToDnsWorker } from './worker-contract.ts';

const answerMs = 1_000;

export interface DnsFigures {
  /** Asks this thread from now on. */
  follow(worker: Pick<Worker, 'postMessage' | 'on' | 'off'>): void;
  read(): Promise<DnsCounters | undefined>;
}

export function createDnsFigures(clock: Clock): DnsFigures {
  let current: Pick<Worker, 'postMessage' | 'on' | 'off'> | undefined;
  return {
    follow: (worker) => void (current = worker),
    async read() {
      const worker = current;
      if (worker === undefined) return undefined;
      const answer = Promise.withResolvers<DnsCounters>();
      const onMessage = (message: FromDnsWorker): void => {
        if (message.type === 'counters') answer.resolve(message.counters);
      };
      const done = new AbortController();
      worker.on('message', onMessage);
      try {
        worker.postMessage({ type: 'counters' } satisfies ToDnsWorker);
        return await Promise.race([answer.promise, clock.sleep(answerMs, done.signal).then(() => undefined)]);
      } finally {
        done.abort();
        worker.off('message', onMessage);
      }
    },
  };
}
