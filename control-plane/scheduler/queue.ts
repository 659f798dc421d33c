// The pods that wait for a node: ready ones by priority and age, failed ones until something changes that may help them,
// and then at the earliest after a growing back-off. A pod is in one place at a time; pop() hands it out until it is
// put back or forgotten.
import type { Clock } from '../../machinery/clock.ts';
import type { PodInfo } from './snapshot/pod-info.ts';

/** How long a pod that was refused waits at least: twice as long each time. */
export interface QueueBackoff {
  readonly firstBackoffMs: number;
  readonly longestBackoffMs: number;
}

const defaultBackoff: QueueBackoff = { firstBackoffMs: 1_000, longestBackoffMs: 10_000 };
/** A pod that nothing woke is tried again after this long: hints may be wrong. */
const longestRestMs = 300_000;

/** Something that happened in the cluster, by what it may change for a waiting pod. */
export type ClusterChange =
  | 'node-added'
  | 'node-changed'
  | 'pod-removed'
  | 'pod-added'
  | 'pod-relabelled'
  | 'pod-resized'
  | 'namespace-relabelled'
  | 'volume-changed'
  | 'device-changed';

/** Which filters may change their mind after which change. */
const helps: Readonly<Record<string, readonly ClusterChange[]>> = {
  NodeUnschedulable: ['node-added', 'node-changed'],
  NodeName: ['node-added'],
  TaintToleration: ['node-added', 'node-changed'],
  NodeAffinity: ['node-added', 'node-changed'],
  NodePorts: ['node-added', 'pod-removed'],
  NodeResourcesFit: ['node-added', 'node-changed', 'pod-removed', 'pod-resized'],
  VolumeBinding: ['node-added', 'node-changed', 'volume-changed'],
  VolumeZone: ['node-added', 'node-changed', 'volume-changed'],
  VolumeRestrictions: ['pod-removed'],
  NodeVolumeLimits: ['node-added', 'pod-removed', 'volume-changed'],
  DynamicResources: ['node-added', 'node-changed', 'device-changed'],
  PodTopologySpread: ['node-added', 'node-changed', 'pod-removed', 'pod-added', 'pod-relabelled'],
  InterPodAffinity: [
    'node-added',
    'node-changed',
    'pod-removed',
    'pod-added',
    'pod-relabelled',
    'namespace-relabelled',
  ],
};

export interface WaitingPod {
  readonly info: PodInfo;
  attempts: number;
  /** Its place among equals, by when it came or was put back: one that fails again and again never holds up others. */
  turn: number;
  /** The filters that refused it last. */
  rejectedBy: ReadonlySet<string>;
  /** What happened while it was being tried: it may have missed it. */
  missed: Set<ClusterChange>;
  /** Whether the pod itself changed while it was being tried. */
  hasChanged: boolean;
  readyAtMs: number;
  restingSinceMs: number;
}

type Place = 'ready' | 'backoff' | 'resting' | 'out';

interface Entry {
  readonly pod: WaitingPod;
  readonly place: Place;
}

export class SchedulingQueue {
  readonly #clock: Clock;
  readonly #backoff: QueueBackoff;
  readonly #all = new Map<string, Entry>();
  readonly #out = new Set<WaitingPod>();
  /** The resting ones by each filter that refused them: an event costs nothing for those that it cannot help. */
  readonly #resting = new Map<string, Set<WaitingPod>>();
  readonly #ready: WaitingPod[] = [];
  readonly #onReady: () => void;
  #timer: (() => void) | undefined;
  #timerDueMs = Infinity;
  /** Counted, not read off a clock that may step back. */
  #lastTurn = 0;

  constructor(clock: Clock, onReady: () => void, backoff: QueueBackoff = defaultBackoff) {
    this.#clock = clock;
    this.#backoff = backoff;
    this.#onReady = onReady;
  }

  get size(): number {
    return this.#all.size;
  }

  /** Adds a pod, or takes over its change; a change of the pod itself makes it ready again. */
  put(info: PodInfo): void {
    const known = this.#all.get(info.key);
    const nowMs = this.#clock.now();
    const pod: WaitingPod = {
      info,
      attempts: known?.pod.attempts ?? 0,
      turn: known?.pod.turn ?? ++this.#lastTurn,
      rejectedBy: known?.pod.rejectedBy ?? new Set(),
      missed: known?.pod.missed ?? new Set(),
      hasChanged: known?.place === 'out',
      readyAtMs: nowMs,
      restingSinceMs: nowMs,
    };
    if (known?.place === 'out') this.#move(pod, 'out');
    else this.#makeReady(pod);
  }

  forget(key: string): void {
    const known = this.#all.get(key);
    if (known) this.#leave(known);
    this.#all.delete(key);
  }

  /** The next pod to try, or none. */
  pop(): WaitingPod | undefined {
    for (let pod = popHeap(this.#ready); pod !== undefined; pod = popHeap(this.#ready)) {
      const known = this.#all.get(pod.info.key);
      if (known?.pod !== pod || known.place !== 'ready') continue; // replaced or forgotten meanwhile
      this.#move(pod, 'out');
      pod.missed = new Set();
      pod.hasChanged = false;
      pod.attempts++;
      return pod;
    }
    return undefined;
  }

  /** Puts a tried pod to rest until something helps; an error in place of a refusal only backs off. */
  putBack(tried: WaitingPod, rejectedBy: ReadonlySet<string>): void {
    const known = this.#all.get(tried.info.key);
    if (known?.place !== 'out') return; // deleted or bound meanwhile
    const nowMs = this.#clock.now();
    const { firstBackoffMs, longestBackoffMs } = this.#backoff;
    const pod = known.pod;
    pod.attempts = tried.attempts;
    pod.rejectedBy = rejectedBy;
    pod.restingSinceMs = nowMs;
    pod.turn = ++this.#lastTurn;
    pod.readyAtMs = nowMs + Math.min(firstBackoffMs * 2 ** (tried.attempts - 1), longestBackoffMs);
    const missed = pod.missed;
    pod.missed = new Set();
    this.#move(pod, 'resting');
    const mayFitNow = pod.hasChanged || [...missed].some((change) => mayHelp(rejectedBy, change));
    if (rejectedBy.size === 0 || mayFitNow) this.#wake(pod);
    else this.#armFor(nowMs + longestRestMs);
  }

  /** Tells the waiting pods that something happened. */
  notice(change: ClusterChange): void {
    for (const pod of this.#out) pod.missed.add(change);
    const concerned = new Set<WaitingPod>();
    for (const [filter, resting] of this.#resting) {
      if (helps[filter]?.includes(change) ?? true) for (const pod of resting) concerned.add(pod);
    }
    for (const pod of concerned) this.#wake(pod);
  }

  close(): void {
    this.#timer?.();
    this.#all.clear();
    this.#out.clear();
    this.#resting.clear();
  }

  #wake(pod: WaitingPod): void {
    if (pod.readyAtMs <= this.#clock.now()) this.#makeReady(pod);
    else {
      this.#move(pod, 'backoff');
      this.#armFor(pod.readyAtMs);
    }
  }

  #makeReady(pod: WaitingPod): void {
    this.#move(pod, 'ready');
    pushHeap(this.#ready, pod);
    this.#onReady();
  }

  #move(pod: WaitingPod, place: Place): void {
    const known = this.#all.get(pod.info.key);
    if (known) this.#leave(known);
    this.#all.set(pod.info.key, { pod, place });
    if (place === 'out') this.#out.add(pod);
    if (place !== 'resting') return;
    for (const filter of pod.rejectedBy) {
      const resting = this.#resting.get(filter);
      if (resting) resting.add(pod);
      else this.#resting.set(filter, new Set([pod]));
    }
  }

  #leave({ pod, place }: Entry): void {
    if (place === 'out') this.#out.delete(pod);
    if (place === 'resting') for (const filter of pod.rejectedBy) this.#resting.get(filter)?.delete(pod);
  }

  /** One timer, for whoever is due first. */
  #armFor(dueMs: number): void {
    if (dueMs >= this.#timerDueMs) return;
    this.#timer?.();
    this.#timerDueMs = dueMs;
    this.#timer = this.#clock.setTimeout(() => this.#releaseDue(), Math.max(0, dueMs - this.#clock.now()));
  }

  #releaseDue(): void {
    this.#timerDueMs = Infinity;
    const nowMs = this.#clock.now();
    let nextMs = Infinity;
    for (const { pod, place } of [...this.#all.values()]) {
      if (place !== 'backoff' && place !== 'resting') continue;
      const dueMs = place === 'backoff' ? pod.readyAtMs : pod.restingSinceMs + longestRestMs;
      if (dueMs <= nowMs) this.#makeReady(pod);
      else nextMs = Math.min(nextMs, dueMs);
    }
    if (nextMs !== Infinity) this.#armFor(nextMs);
  }
}

function mayHelp(rejectedBy: ReadonlySet<string>, change: ClusterChange): boolean {
  for (const filter of rejectedBy) if (helps[filter]?.includes(change) ?? true) return true;
  return false;
}

function comesBefore(a: WaitingPod, b: WaitingPod): boolean {
  return a.info.priority !== b.info.priority ? a.info.priority > b.info.priority : a.turn < b.turn;
}

function pushHeap(heap: WaitingPod[], pod: WaitingPod): void {
  let at = heap.push(pod) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent];
    if (!above || !comesBefore(pod, above)) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = pod;
}

function popHeap(heap: WaitingPod[]): WaitingPod | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (!top || !last || heap.length === 0) return top;
  let at = 0;
  for (;;) {
    let child = at * 2 + 1;
    const left = heap[child];
    const right = heap[child + 1];
    if (!left) break;
    if (right && comesBefore(right, left)) child++;
    const smaller = heap[child];
    if (!smaller || !comesBefore(smaller, last)) break;
    heap[at] = smaller;
    at = child;
  }
  heap[at] = last;
  return top;
}
