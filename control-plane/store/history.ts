// The recent events in revision order, bounded by count and bytes: what a watch resumes from, and what undoes changes
// to show a list as it was. `start` is the revision up to which events are no longer here.
import type { StoreEvent } from './contract.ts';

export interface HistoryLimits {
  readonly events: number;
  readonly bytes: number;
}

/** What an event keeps in memory; a deletion keeps the state before it. */
function sizeOf({ type, object, previous }: StoreEvent): number {
  return (type === 'DELETED' ? previous : object)?.bytes.length ?? 0;
}

export class History {
  readonly #limits: HistoryLimits;
  #events: (StoreEvent | undefined)[] = [];
  /** Places before this one are empty; the array is cut when half of it is. */
  #first = 0;
  #bytes = 0;
  #start: number;

  constructor(start: number, limits: HistoryLimits) {
    this.#start = start;
    this.#limits = limits;
  }

  /** Everything after this revision is here. */
  get start(): number {
    return this.#start;
  }

  push(event: StoreEvent): void {
    this.#events.push(event);
    this.#bytes += sizeOf(event);
    while (this.#events.length - this.#first > this.#limits.events || this.#bytes > this.#limits.bytes) this.#drop();
    if (this.#first > 1024 && this.#first > this.#events.length / 2) {
      this.#events = this.#events.slice(this.#first);
      this.#first = 0;
    }
  }

  /** The events after a revision, which must not be older than `start`. */
  after(revision: number): readonly StoreEvent[] {
    let low = this.#first;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#events[middle]?.revision ?? 0) <= revision) low = middle + 1;
      else high = middle;
    }
    return this.#events.slice(low) as StoreEvent[];
  }

  /** Forgets everything, as when the cache was filled anew at a revision. */
  restart(start: number): void {
    this.#events = [];
    this.#first = 0;
    this.#bytes = 0;
    this.#start = start;
  }

  /** Drops events up to a revision: they are compacted. */
  dropUpTo(revision: number): void {
    while (this.#first < this.#events.length && (this.#events[this.#first]?.revision ?? 0) <= revision) this.#drop();
    this.#start = Math.max(this.#start, revision);
  }

  #drop(): void {
    const event = this.#events[this.#first];
    if (!event) return;
    this.#events[this.#first++] = undefined;
    this.#bytes -= sizeOf(event);
    this.#start = event.revision;
  }
}
