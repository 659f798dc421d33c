// What steps of one run share: work done once, however many ask, and work that must not overlap.
import pLimit from 'p-limit';

export interface SharedWork {
  /** Does `make` once per run, however many steps ask. */
  once<T>(key: string, make: () => Promise<T>): Promise<T>;
  /** Runs works of one key one after the other. */
  serially<T>(key: string, work: () => Promise<T>): Promise<T>;
}

/** Nothing done yet. */
export function createSharedWork(): SharedWork {
  const made = new Map<string, Promise<unknown>>();
  const queues = new Map<string, ReturnType<typeof pLimit>>();
  return {
    once<T>(key: string, make: () => Promise<T>): Promise<T> {
      const promise = (made.get(key) as Promise<T> | undefined) ?? make();
      made.set(key, promise);
      return promise;
    },
    serially<T>(key: string, work: () => Promise<T>): Promise<T> {
      const queue = queues.get(key) ?? pLimit(1);
      queues.set(key, queue);
      return queue(work);
    },
  };
}
