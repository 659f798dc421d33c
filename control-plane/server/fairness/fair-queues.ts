// The queues of one priority level. Requests join the shortest queue of their flow's hand and leave in turns by start-time
// fair queuing: a queue that has had more seats waits longer, however many requests are in it.
import { dealHand } from './shuffle-shard.ts';

/** How a level queues. */
export interface QueueLimits {
  readonly queues: number;
  readonly handSize: number;
  readonly queueLengthLimit: number;
}

interface Entry<T> {
  readonly item: T;
  readonly width: number;
}

interface Queue<T> {
  readonly entries: Entry<T>[];
  /** The virtual time at which its next request may start. */
  nextStart: number;
}

export class FairQueues<T> {
  #limits: QueueLimits;
  readonly #queues = new Map<number, Queue<T>>();
  #virtualTime = 0;
  #length = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  /** Other limits from now on; what waits keeps its place. */
  configure(limits: QueueLimits): void {
    this.#limits = limits;
  }

  get length(): number {
    return this.#length;
  }

  /** Joins a queue; false when even the shortest of the hand is full. */
  join(flowHash: number, item: T, width: number): boolean {
    const { queues, handSize, queueLengthLimit } = this.#limits;
    let chosen = -1;
    let shortest = Infinity;
    for (const index of dealHand(flowHash, queues, handSize)) {
      const length = this.#queues.get(index)?.entries.length ?? 0;
      if (length < shortest) [chosen, shortest] = [index, length];
    }
    if (chosen === -1 || shortest >= queueLengthLimit) return false;
    const queue = this.#queues.get(chosen) ?? { entries: [], nextStart: this.#virtualTime };
    // Who was idle does not save up turns.
    if (queue.entries.length === 0) queue.nextStart = Math.max(queue.nextStart, this.#virtualTime);
    queue.entries.push({ item, width });
    this.#queues.set(chosen, queue);
    this.#length++;
    return true;
  }

  /** The width of the request whose turn it is; undefined when none waits. */
  nextWidth(): number | undefined {
    return this.#next()?.[1].entries[0]?.width;
  }

  /** Takes the request whose turn it is. */
  take(): T | undefined {
    const next = this.#next();
    if (next === undefined) return undefined;
    const [index, queue] = next;
    const entry = queue.entries.shift();
    if (entry === undefined) return undefined;
    this.#virtualTime = queue.nextStart;
    queue.nextStart += entry.width;
    this.#length--;
    // An empty queue that is behind nobody needs no memory.
    if (queue.entries.length === 0 && this.#length === 0) this.#queues.delete(index);
    return entry.item;
  }

  /** Takes a request out that no longer wants its turn. */
  leave(item: T): boolean {
    for (const { entries } of this.#queues.values()) {
      const at = entries.findIndex((entry) => entry.item === item);
      if (at === -1) continue;
      entries.splice(at, 1);
      this.#length--;
      return true;
    }
    return false;
  }

  #next(): [number, Queue<T>] | undefined {
    let best: [number, Queue<T>] | undefined;
    for (const one of this.#queues) {
      if (one[1].entries.length === 0) continue;
      if (best === undefined || one[1].nextStart < best[1].nextStart) best = one;
    }
    return best;
  }
}
