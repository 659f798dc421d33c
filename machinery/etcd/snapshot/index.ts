// etcd's database as a file: read, compared, and written anew for a new cluster. Needs no etcd program.
export { BoltError } from './bolt-format.ts';
export { byKey, checkSnapshot, differences, digest, readDatabaseState } from './etcd-database.ts';
export type { DatabaseState, ObjectDigest } from './etcd-database.ts';
export { restoreDatabase, revisionBump } from './restore-database.ts';
export type { RestoredDatabase } from './restore-database.ts';
