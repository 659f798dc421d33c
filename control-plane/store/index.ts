// The store: one contract, two implementations.
export type * from './contract.ts';
export { StoreError, isStoreError } from './errors.ts';
export type { StoreErrorReason } from './errors.ts';
export { createMemoryStore } from './memory-store.ts';
export { openEtcdStore } from './etcd-store.ts';
export type { EtcdStoreOptions } from './etcd-store.ts';
