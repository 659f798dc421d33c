// Pods as the placement map needs them, packed for the way: tens of thousands at once, so that every word that occurs
// often (a namespace, a machine, an owner) travels once in a message and is one string in the window. Pure.
import type { PodRow, PodState } from './pods.ts';

/** What the map knows of a pod; its page and the panel beside the map know the rest. */
export type MapPod = Pick<
  PodRow,
  | 'uid'
  | 'namespace'
  | 'name'
  | 'state'
  | 'reason'
  | 'node'
  | 'owner'
  | 'cpuMilli'
  | 'memoryBytes'
  | 'over'
  | 'qosClass'
>;

type Word = number;

/** uid, name, state, reason, namespace, machine, owner's kind and name, CPU, memory, over, QoS; −1 is no word. */
export type PackedPod = readonly [string, string, Word, Word, Word, Word, Word, Word, number, number, 0 | 1, Word];

export interface PackedPods {
  readonly words: readonly string[];
  readonly rows: readonly PackedPod[];
}

/** A change to the pods on the map; what follows a snapshot may be the rest of it. */
export type MapPodsChange =
  | { readonly kind: 'snapshot'; readonly pods: PackedPods }
  | { readonly kind: 'changes'; readonly pods: PackedPods; readonly removed: readonly string[] };

const none = -1;

/** Packs rows for one message. */
export function packPods(pods: readonly MapPod[]): PackedPods {
  const words: string[] = [];
  const places = new Map<string, Word>();
  const wordOf = (word: string | undefined): Word => {
    if (word === undefined) return none;
    let place = places.get(word);
    if (place === undefined) {
      place = words.push(word) - 1;
      places.set(word, place);
    }
    return place;
  };
  const rows = pods.map((pod): PackedPod => [
    pod.uid,
    pod.name,
    wordOf(pod.state),
    wordOf(pod.reason),
    wordOf(pod.namespace),
    wordOf(pod.node),
    wordOf(pod.owner?.kind),
    wordOf(pod.owner?.name),
    pod.cpuMilli,
    pod.memoryBytes,
    pod.over ? 1 : 0,
    wordOf(pod.qosClass),
  ]);
  return { words, rows };
}

/** The rows of one message; owners that are the same are one object. */
export function unpackPods({ words, rows }: PackedPods): MapPod[] {
  const owners = new Map<number, NonNullable<MapPod['owner']>>();
  const ownerOf = (kind: Word, name: Word): MapPod['owner'] => {
    if (kind === none) return undefined;
    const key = kind * words.length + name;
    let owner = owners.get(key);
    if (owner === undefined) owners.set(key, (owner = { kind: words[kind] ?? '', name: words[name] ?? '' }));
    return owner;
  };
  return rows.map(([uid, name, state, reason, namespace, node, kind, owner, cpuMilli, memoryBytes, over, qos]) => ({
    uid,
    name,
    state: words[state] as PodState,
    reason: words[reason] ?? '',
    namespace: words[namespace] ?? '',
    node: words[node],
    owner: ownerOf(kind, owner),
    cpuMilli,
    memoryBytes,
    over: over === 1,
    qosClass: words[qos],
  }));
}
