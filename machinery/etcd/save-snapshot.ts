// Takes a snapshot of a whole etcd over its maintenance API: one consistent moment, streamed to a file, which is complete
// (etcd's own hash verified) or absent.
import { open, rename, rm } from 'node:fs/promises';
import { EndpointPool } from './endpoint-pool.ts';
import type { EtcdAccess } from './endpoint-pool.ts';
import { EtcdClientError, translateError } from './errors.ts';
import { checkSnapshot } from './snapshot/etcd-database.ts';

export interface SaveSnapshotOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (savedBytes: number) => void;
}

/** Saves a snapshot of the first member that answers. Throws EtcdClientError when none does. */
export async function saveSnapshot(
  access: EtcdAccess,
  path: string,
  { signal, onProgress }: SaveSnapshotOptions = {},
): Promise<void> {
  const pool = new EndpointPool(access);
  const unfinished = `${path}.unfinished`;
  try {
    for (const [tries, [endpoint, etcd]] of pool.each().entries()) {
      const file = await open(unfinished, 'w', 0o600);
      try {
        const stream = (await etcd.maintenance.snapshot()) as unknown as AsyncIterable<{ blob: Buffer }> & {
          cancel(): void;
        };
        const cancel = (): void => stream.cancel();
        signal?.addEventListener('abort', cancel, { once: true });
        try {
          let savedBytes = 0;
          for await (const { blob } of stream) {
            signal?.throwIfAborted();
            await file.write(blob);
            savedBytes += blob.length;
            onProgress?.(savedBytes);
          }
        } finally {
          signal?.removeEventListener('abort', cancel);
        }
        signal?.throwIfAborted();
        await file.sync();
        await checkSnapshot(unfinished);
        await rename(unfinished, path);
        return;
      } catch (error) {
        signal?.throwIfAborted();
        if (tries === pool.endpoints.length - 1) throw translateError(error, `taking a snapshot of ${endpoint}`);
      } finally {
        await file.close();
      }
    }
    throw new EtcdClientError('other', 'no etcd endpoint is given');
  } finally {
    await rm(unfinished, { force: true });
    pool.close();
  }
}
