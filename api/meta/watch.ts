// One event of a watch stream.
import type { KubernetesObject } from './object-meta.ts';

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

/** What a watch delivers; an ERROR carries a Status, a BOOKMARK only a resourceVersion. */
export interface WatchEvent<T = KubernetesObject> {
  type: WatchEventType;
  object: T;
}
