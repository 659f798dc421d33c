// A rehearsal as rows: where every pod would be afterwards, as ghosts beside what is there now. Pure.
// Pods that would leave stay where they are and are named in `leaving`; where they would go is a row of its own, named
// in `ghosts`. Machines carry the load they would then have.
import type { MapPod, NodeRow, WhatIf, WhatIfAnswer } from '../../api/console/index.ts';

export interface Rehearsal {
  readonly nodes: readonly NodeRow[];
  readonly pods: readonly MapPod[];
  /** uids of rows that are not there yet. */
  readonly ghosts: ReadonlySet<string>;
  /** uids of pods that would no longer be where they are. */
  readonly leaving: ReadonlySet<string>;
  /** Names of machines that would be empty or gone. */
  readonly out: ReadonlySet<string>;
}

/** The end of a ghost's uid. */
const ghostMark = '→';

/** The pod that a ghost's row stands for; a row that is no ghost stands for itself. */
export function ownUid(uid: string): string {
  return uid.endsWith(ghostMark) ? uid.slice(0, -ghostMark.length) : uid;
}

function addedNodes(nodes: readonly NodeRow[], changes: readonly WhatIf[]): NodeRow[] {
  return changes.flatMap((change) => {
    const like = change.type === 'node-added' ? nodes.find(({ name }) => name === change.like) : undefined;
    if (change.type !== 'node-added' || like === undefined) return [];
    return Array.from({ length: change.count }, (_none, index): NodeRow => {
      const name = `${like.name}-more-${index + 1}`;
      return { ...like, uid: `${name}${ghostMark}`, name, cpuRequestedMilli: 0, memoryRequestedBytes: 0, pods: 0 };
    });
  });
}

/** A pod that is not there yet: like the others of the workload that is scaled. */
function newPod(key: string, pods: readonly MapPod[], changes: readonly WhatIf[]): MapPod {
  const [namespace = '', name = ''] = key.split('/');
  const owners = new Set(changes.map((change) => (change.type === 'workload-scaled' ? change.name : '')));
  const isTwin = (pod: MapPod): boolean =>
    pod.namespace === namespace &&
    pod.owner !== undefined &&
    name.startsWith(pod.owner.name) &&
    [...owners].some((owner) => owner.startsWith(pod.owner?.name ?? '-'));
  const twin = pods.find(isTwin);
  return {
    uid: `${key}${ghostMark}`,
    namespace,
    name,
    state: 'pending',
    reason: 'Pending',
    over: false,
    owner: twin?.owner,
    cpuMilli: twin?.cpuMilli ?? 0,
    memoryBytes: twin?.memoryBytes ?? 0,
  };
}

function loaded(nodes: readonly NodeRow[], leaving: readonly MapPod[], coming: readonly MapPod[]): NodeRow[] {
  const byName = new Map(nodes.map((node) => [node.name, { ...node }]));
  const add = (pod: MapPod, sign: 1 | -1): void => {
    const node = byName.get(pod.node ?? '') as { -readonly [K in keyof NodeRow]: NodeRow[K] } | undefined;
    if (node === undefined) return;
    node.cpuRequestedMilli += sign * pod.cpuMilli;
    node.memoryRequestedBytes += sign * pod.memoryBytes;
    node.pods += sign;
  };
  for (const pod of leaving) add(pod, -1);
  for (const pod of coming) add(pod, 1);
  return [...byName.values()];
}

/** The rows after the rehearsed changes, beside those of now. */
export function rehearsed(
  nodes: readonly NodeRow[],
  pods: readonly MapPod[],
  changes: readonly WhatIf[],
  answer: WhatIfAnswer,
): Rehearsal {
  const byKey = new Map(pods.map((pod) => [`${pod.namespace}/${pod.name}`, pod]));
  const leaving = new Map<string, MapPod>();
  const coming: MapPod[] = [];
  const leave = (pod: MapPod | undefined): void => void (pod && leaving.set(pod.uid, pod));
  const come = (key: string, node: string | undefined): void => {
    const known = byKey.get(key);
    const row = known === undefined ? newPod(key, pods, changes) : { ...known, uid: `${known.uid}${ghostMark}` };
    coming.push({ ...row, node });
  };
  for (const { pod, to } of answer.moved) {
    leave(byKey.get(pod));
    come(pod, to);
  }
  for (const { pod, to } of answer.placed) {
    leave(byKey.get(pod));
    come(pod, to);
  }
  for (const { pod, from } of answer.pending) {
    const known = byKey.get(pod);
    if (from !== undefined) leave(known);
    if (from !== undefined || known === undefined) come(pod, undefined);
  }
  for (const key of answer.removed) leave(byKey.get(key));
  const out = changes.flatMap((change) =>
    change.type === 'node-drained' || change.type === 'node-lost' ? [change.node] : [],
  );
  return {
    nodes: loaded([...nodes, ...addedNodes(nodes, changes)], [...leaving.values()], coming),
    pods: [...pods, ...coming],
    ghosts: new Set(coming.map(({ uid }) => uid)),
    leaving: new Set(leaving.keys()),
    out: new Set(out),
  };
}

/** The machine that would be fullest of those that get something, and how full: the larger share of CPU and memory. */
export function fullestTarget({
  nodes,
  ghosts,
  pods,
  out,
}: Rehearsal): { readonly node: string; readonly share: number } | undefined {
  const targets = new Set(pods.filter(({ uid }) => ghosts.has(uid)).map(({ node }) => node));
  return nodes
    .filter(({ name }) => targets.has(name) && !out.has(name))
    .map(({ name, cpuMilli, cpuRequestedMilli, memoryBytes, memoryRequestedBytes }) => ({
      node: name,
      share: Math.max(cpuRequestedMilli / (cpuMilli || 1), memoryRequestedBytes / (memoryBytes || 1)),
    }))
    .reduce<{ node: string; share: number } | undefined>(
      (most, next) => (most === undefined || next.share > most.share ? next : most),
      undefined,
    );
}
