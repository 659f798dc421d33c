// Lists from the cache alone: the present one, or an exact revision that the history still reaches.
import type { ListOptions, ListResult } from './contract.ts';
import { StoreError } from './errors.ts';
import type { WatchCache } from './watch-cache.ts';

/** Answers from the cache; fails with `Expired` when the exact revision is out of history. */
export function readList(cache: WatchCache, prefix: string, options: ListOptions): ListResult {
  if (options.revision === undefined) return cache.list(prefix, options);
  if (options.revision > cache.revision) {
    throw new StoreError('TooLargeRevision', `revision ${options.revision} is not reached yet, only ${cache.revision}`);
  }
  const result = cache.listAt(prefix, options.revision, options);
  if (!result) throw new StoreError('Expired', `revision ${options.revision} is no longer in history`);
  return result;
}
