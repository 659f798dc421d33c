// Takes a snapshot of a whole etcd over its maintenance API: one consistent moment, streamed to a file, which is complete
// (etcd's own hash verified) or absent.
import { open, rename, rm } from 'node:fs/promises';
import type { EtcdClient } from './client.ts';
import { EtcdClientError, translateError } from './errors.ts';
import { checkSnapshot } from './snapshot/etcd-database.ts';

export interface SaveSnapshotOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (savedBytes: number) => void;
}

/** Saves a snapshot of the first of `endpoints` that gives one. Throws the last one's EtcdClientError or BoltError. */
export async function saveSnapshot(
  client: Pick<EtcdClient, 'snapshot'>,
  endpoints: readonly string[],
  path: string,
  { signal, onProgress }: SaveSnapshotOptions = {},
): Promise<void> {
  const unfinished = `${path}.unfinished`;
  let last: unknown = new EtcdClientError('other', 'no etcd endpoint is given');
  try {
    for (const endpoint of endpoints) {
      signal?.throwIfAborted();
      const file = await open(unfinished, 'w', 0o600);
      try {
        let savedBytes = 0;
        for await (const piece of client.snapshot(endpoint)) {
          signal?.throwIfAborted();
          await file.write(piece);
          onProgress?.((savedBytes += piece.length));
        }
        await file.sync();
        await checkSnapshot(unfinished);
        await rename(unfinished, path);
        return;
      } catch (error) {
        signal?.throwIfAborted();
        last = translateError(error, `taking a snapshot of ${endpoint}`);
      } finally {
        await file.close();
      }
    }
    throw last;
  } finally {
    await rm(unfinished, { force: true });
  }
}
