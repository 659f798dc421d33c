// What the main thread and the DNS thread say to each other: plain copyable values.
import type { DnsCounters } from './responder.ts';
import type { ServiceRecords } from './service-records.ts';

/** `workerData` of the DNS thread; `role` tells a bundled agent.mjs which of its parts to be. */
export interface DnsWorkerData {
  readonly role: 'dns';
  readonly address: string;
  readonly port: number;
  readonly domain: string;
  readonly resolvConf: string;
  readonly stubDomains: Readonly<Record<string, readonly string[]>>;
}

export type ToDnsWorker =
  | { readonly type: 'change'; readonly put: readonly ServiceRecords[]; readonly remove: readonly string[] }
  /** Answer other machines' pods at this address as well, as soon as it is here. */
  | { readonly type: 'listen'; readonly address: string }
  /** The zone is complete. */
  | { readonly type: 'ready' }
  | { readonly type: 'counters' };

export type FromDnsWorker =
  { readonly type: 'listening' } | { readonly type: 'counters'; readonly counters: DnsCounters };
