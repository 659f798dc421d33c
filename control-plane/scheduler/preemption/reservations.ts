// Places kept for pods that made room for themselves and wait for their victims to leave: less important pods must not
// take them, more important ones may.
import type { PodInfo } from '../snapshot/pod-info.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';

export class Reservations {
  readonly #snapshot: Snapshot;
  readonly #places = new Map<string, { readonly info: PodInfo; readonly nodeName: string }>();

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
  }

  keep(info: PodInfo, nodeName: string): void {
    this.#places.set(info.key, { info, nodeName });
    this.#snapshot.setPod(info, nodeName);
  }

  /** Gives a place up, as when its pod is bound, gone, or no longer expected there. */
  release(key: string): void {
    if (!this.#places.delete(key)) return;
    this.#snapshot.removePod(key);
  }

  /** The node where a pod's place is kept. */
  nodeNameOf(key: string): string | undefined {
    return this.#places.get(key)?.nodeName;
  }

  /** Runs a decision about a pod without its own place and without those of less important pods, then restores them. */
  without<T>(pod: PodInfo, decide: () => T): T {
    if (this.#places.size === 0) return decide();
    const lifted = [...this.#places.values()].filter(
      ({ info }) => info.key === pod.key || info.priority < pod.priority,
    );
    for (const { info } of lifted) this.#snapshot.removePod(info.key);
    try {
      return decide();
    } finally {
      for (const { info, nodeName } of lifted) this.#snapshot.setPod(info, nodeName);
    }
  }
}
