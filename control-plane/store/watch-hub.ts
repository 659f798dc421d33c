// Who watches what, and the hand-over of events: each event is matched against the folders of its key and its pod's
// nodes, never against every watcher. A watcher that lets too many events wait is cut with `Expired`, so the heap is bounded.
// A few watchers hear of each change at once. A crowd does so too after a quiet moment, and then in beats: what changes
// between two beats comes in one batch, so that the cost of many watchers does not grow with every write.
import type { Clock } from '../../machinery/clock.ts';
import type { StoreEvent, StoreWatch, WatchOptions } from './contract.ts';
import { StoreError } from './errors.ts';
import { foldersOf } from './object-index.ts';
import type { ObjectVersion } from './stored-object.ts';

const defaultMaxBuffered = 10_000;
/** More watchers than this on one path are a crowd. */
const fewWatchers = 8;
const beatMsPerWatcher = 0.1;
const longestBeatMs = 10;

class Watcher implements StoreWatch {
  readonly path: string;
  readonly #from: number;
  readonly #maxBuffered: number;
  readonly #hubRevision: () => number;
  readonly #onEnd: () => void;
  #queue: StoreEvent[] = [];
  #delivered: number;
  #ended = false;
  #failure: StoreError | undefined;
  #wake: (() => void) | undefined;

  constructor(path: string, options: WatchOptions, hubRevision: () => number, onEnd: () => void) {
    this.path = path;
    this.#maxBuffered = options.maxBuffered ?? defaultMaxBuffered;
    this.#from = options.fromRevision;
    this.#delivered = options.fromRevision;
    this.#hubRevision = hubRevision;
    this.#onEnd = onEnd;
  }

  push(event: StoreEvent): void {
    // A reader may know a revision, from its own write, before it has come through here.
    if (this.#ended || event.revision <= this.#from) return;
    this.#queue.push(event);
    if (this.#queue.length > this.#maxBuffered) this.end(new StoreError('Expired', 'the watcher was too slow'));
  }

  wake(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  end(failure?: StoreError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    this.#queue = [];
    this.#onEnd();
    this.wake();
  }

  close(): void {
    this.end();
  }

  progress(): number {
    if (this.#queue.length === 0) this.#delivered = Math.max(this.#delivered, this.#hubRevision());
    return this.#delivered;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly StoreEvent[]> {
    try {
      for (;;) {
        if (this.#failure) throw this.#failure;
        if (this.#ended) return;
        const batch = this.#queue;
        const last = batch.at(-1);
        if (last) {
          this.#queue = [];
          this.#delivered = Math.max(this.#delivered, last.revision);
          yield batch;
        } else {
          await new Promise<void>((resolve) => (this.#wake = resolve));
        }
      }
    } finally {
      this.end();
    }
  }
}

export class WatchHub {
  readonly #byPath = new Map<string, Set<Watcher>>();
  readonly #revision: () => number;
  readonly #clock: Pick<Clock, 'setTimeout'>;
  #size = 0;
  /** Watchers of crowded paths that wait for the beat. */
  #crowd = new Set<Watcher>();
  #isBetweenBeats = false;

  constructor(revision: () => number, clock: Pick<Clock, 'setTimeout'>) {
    this.#revision = revision;
    this.#clock = clock;
  }

  /** How many watches are open. */
  get size(): number {
    return this.#size;
  }

  /** Opens a watch that begins with the events already known. */
  open(prefix: string, options: WatchOptions, past: readonly StoreEvent[]): StoreWatch {
    const path = options.nodeName === undefined ? prefix : nodePath(prefix, options.nodeName);
    const abort = (): void => watcher.close();
    const watcher: Watcher = new Watcher(path, options, this.#revision, () => {
      this.#remove(watcher);
      options.signal.removeEventListener('abort', abort);
    });
    this.#add(watcher);
    for (const event of past) {
      if (matches(event, prefix, options.nodeName)) watcher.push(event);
    }
    if (options.signal.aborted) watcher.close();
    else options.signal.addEventListener('abort', abort, { once: true });
    return watcher;
  }

  /** A watch that fails at once. */
  openExpired(prefix: string, options: WatchOptions, message: string): StoreWatch {
    const watcher = new Watcher(prefix, options, this.#revision, () => undefined);
    watcher.end(new StoreError('Expired', message));
    return watcher;
  }

  /** Hands events, in revision order, to everyone concerned, and wakes each reader once. */
  publish(events: readonly StoreEvent[]): void {
    const woken = new Set<Watcher>();
    for (const event of events) {
      const folders = foldersOf(event.object.key);
      this.#deliver(event.object.key, event, woken);
      for (const folder of folders) this.#deliver(folder, event, woken);
      for (const node of nodesOf(event)) {
        for (const folder of folders) this.#deliver(nodePath(folder, node), event, woken);
      }
    }
    for (const watcher of woken) watcher.wake();
    if (!this.#isBetweenBeats && this.#crowd.size > 0) this.#beat();
  }

  /** Ends every watch, with a failure or quietly. */
  endAll(failure?: StoreError): void {
    for (const watchers of [...this.#byPath.values()]) for (const watcher of [...watchers]) watcher.end(failure);
  }

  #deliver(path: string, event: StoreEvent, woken: Set<Watcher>): void {
    const watchers = this.#byPath.get(path);
    if (!watchers) return;
    const due = watchers.size > fewWatchers ? this.#crowd : woken;
    for (const watcher of watchers) {
      watcher.push(event);
      due.add(watcher);
    }
  }

  /** Wakes the crowd, and lets a moment pass before it is woken again. */
  #beat(): void {
    const crowd = this.#crowd;
    this.#crowd = new Set();
    for (const watcher of crowd) watcher.wake();
    this.#isBetweenBeats = true;
    this.#clock.setTimeout(
      () => {
        this.#isBetweenBeats = false;
        if (this.#crowd.size > 0) this.#beat();
      },
      Math.min(longestBeatMs, crowd.size * beatMsPerWatcher),
    );
  }

  #add(watcher: Watcher): void {
    this.#size++;
    const watchers = this.#byPath.get(watcher.path);
    if (watchers) watchers.add(watcher);
    else this.#byPath.set(watcher.path, new Set([watcher]));
  }

  #remove(watcher: Watcher): void {
    const watchers = this.#byPath.get(watcher.path);
    if (!watchers?.delete(watcher)) return;
    this.#size--;
    if (watchers.size === 0) this.#byPath.delete(watcher.path);
  }
}

function nodePath(prefix: string, nodeName: string): string {
  return `${prefix}\0${nodeName}`;
}

function nodesOf(event: StoreEvent): string[] {
  const after = (event.object as ObjectVersion).nodeName;
  const before = (event.previous as ObjectVersion | undefined)?.nodeName;
  if (after === undefined) return before === undefined ? [] : [before];
  return before === undefined || before === after ? [after] : [after, before];
}

function matches(event: StoreEvent, prefix: string, nodeName: string | undefined): boolean {
  const { key } = event.object;
  const inside = prefix.endsWith('/') ? key.startsWith(prefix) : key === prefix;
  return inside && (nodeName === undefined || nodesOf(event).includes(nodeName));
}
