// etcd: the client, its watch, its members, and an embedded process. Speaks gRPC by its own client.
export { createEtcdClient, etcdQuotaBytes, prefixEnd } from './client.ts';
export type { EtcdClient } from './client.ts';
export type { EtcdEvent, EtcdKeyValue, GuardedResult, GuardedWrite, RangeRequest, RangeResult } from './messages.ts';
export { startEmbeddedEtcd } from './embedded.ts';
export type { EmbeddedEtcd, EmbeddedEtcdOptions } from './embedded.ts';
export type { EtcdAccess } from './endpoint-pool.ts';
export { EtcdClientError, isEtcdError } from './errors.ts';
export type { EtcdFailure } from './errors.ts';
export { saveSnapshot } from './save-snapshot.ts';
export type { SaveSnapshotOptions } from './save-snapshot.ts';
export type { EtcdMemberHealth } from './members.ts';
export type { EtcdWatch, EtcdWatchOptions } from './watch-stream.ts';
