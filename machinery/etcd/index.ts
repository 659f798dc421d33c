// etcd: the client, its watch, its members, and an embedded process. The only importer of etcd3.
export { createEtcdClient, etcdQuotaBytes, prefixEnd } from './client.ts';
export type { EtcdClient, EtcdKeyValue, GuardedResult, GuardedWrite, RangeRequest, RangeResult } from './client.ts';
export { startEmbeddedEtcd } from './embedded.ts';
export type { EmbeddedEtcd, EmbeddedEtcdOptions } from './embedded.ts';
export type { EtcdAccess } from './endpoint-pool.ts';
export { EtcdClientError, isEtcdError } from './errors.ts';
export type { EtcdFailure } from './errors.ts';
export { saveSnapshot } from './save-snapshot.ts';
export type { SaveSnapshotOptions } from './save-snapshot.ts';
export type { EtcdMemberHealth } from './members.ts';
export type { EtcdEvent, EtcdWatch, EtcdWatchOptions } from './watch-stream.ts';
