// A queue of keys for level-triggered loops (the idea of client-go's util/workqueue).
// Guarantees: a key waits at most once however often it is added; a key is never handed to two workers at a time;
// a key added while it is being processed is handed out again afterwards. Order is first in, first out.
import type { Clock } from './clock.ts';
import { systemClock } from './clock.ts';

export interface WorkQueue {
  /** Marks the key as needing work. */
  add(key: string): void;
  /** Adds the key after a delay; of several delays for one key the earliest wins. */
  addAfter(key: string, delayMs: number): void;
  /** The next key, as soon as there is one; undefined once the queue is closed. Pair every key with `done`. */
  take(): Promise<string | undefined>;
  /** Ends the processing of a key that `take` handed out. */
  done(key: string): void;
  /** Keys waiting now; without those delayed or in process. */
  readonly length: number;
  /** Drops what waits and ends every `take`. */
  close(): void;
}

/** An empty queue. */
export function createWorkQueue(clock: Clock = systemClock): WorkQueue {
  const dirty = new Set<string>(); // needs work; a superset of what waits
  const processing = new Set<string>(); // handed out, not done yet
  let waiting: string[] = [];
  let head = 0;
  const delayed = new Map<string, { dueMs: number; cancel: () => void }>();
  const takers: ((key: string | undefined) => void)[] = [];
  let closed = false;

  const handOut = (): void => {
    while (takers.length > 0 && head < waiting.length) {
      const key = waiting[head++] as string;
      dirty.delete(key);
      processing.add(key);
      takers.shift()?.(key);
    }
    if (head > 1024 && head * 2 > waiting.length) {
      waiting = waiting.slice(head);
      head = 0;
    }
  };
  const push = (key: string): void => {
    waiting.push(key);
    handOut();
  };

  const queue: WorkQueue = {
    add(key) {
      if (closed || dirty.has(key)) return;
      dirty.add(key);
      if (!processing.has(key)) push(key);
    },
    addAfter(key, delayMs) {
      if (closed) return;
      if (delayMs <= 0) return queue.add(key);
      const dueMs = clock.now() + delayMs;
      const earlier = delayed.get(key);
      if (earlier !== undefined && earlier.dueMs <= dueMs) return;
      earlier?.cancel();
      const cancel = clock.setTimeout(() => {
        delayed.delete(key);
        queue.add(key);
      }, delayMs);
      delayed.set(key, { dueMs, cancel });
    },
    take() {
      if (closed) return Promise.resolve(undefined);
      return new Promise((resolve) => {
        takers.push(resolve);
        handOut();
      });
    },
    done(key) {
      if (processing.delete(key) && dirty.has(key) && !closed) push(key);
    },
    get length() {
      return waiting.length - head;
    },
    close() {
      closed = true;
      for (const { cancel } of delayed.values()) cancel();
      delayed.clear();
      dirty.clear();
      waiting = [];
      head = 0;
      for (const taker of takers.splice(0)) taker(undefined);
    },
  };
  return queue;
}
