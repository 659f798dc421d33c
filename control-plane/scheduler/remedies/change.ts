// What a remedy changes, as data: enough to rehearse it on a snapshot, and to take it back.
import type { Pod, Taint } from '../../../api/kinds/core/index.ts';
import { withoutGates, withoutNode } from '../free-pod.ts';
import type { NodeInfo } from '../snapshot/node-info.ts';
import { createPodInfo } from '../snapshot/pod-info.ts';
import type { PodInfo } from '../snapshot/pod-info.ts';
import type { PodRequests } from '../snapshot/resources.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { changeDevices, changeVolumes } from './claim-changes.ts';
import type { DeviceChange, VolumeChange } from './claim-changes.ts';

export type RemedyChange =
  | {
      readonly type: 'node-changed';
      readonly node: string;
      readonly uncordon?: boolean;
      readonly withoutTaints?: readonly Taint[];
      /** `null` takes a label away. */
      readonly labels?: Readonly<Record<string, string | null>>;
    }
  /** These pods find a place elsewhere, or wait. */
  | { readonly type: 'pods-moved'; readonly pods: readonly string[] }
  /** The pod asks for no more than this. */
  | { readonly type: 'requests-lowered'; readonly requests: Partial<PodRequests> }
  | { readonly type: 'skew-raised'; readonly topologyKey: string; readonly maxSkew: number }
  /** The pod no longer asks for one node by its name. */
  | { readonly type: 'node-name-dropped' }
  | { readonly type: 'gates-removed' }
  /** A pod that the waiting one wants to be near, running on this node. */
  | { readonly type: 'company-started'; readonly pod: Readonly<Pod>; readonly node: string }
  | VolumeChange
  | DeviceChange;

export interface Applied {
  /** The pod as it then is. */
  readonly pod: PodInfo;
  /** Pods that had to leave, with where they were. */
  readonly moved: readonly { readonly info: PodInfo; readonly node: string }[];
  /** Puts the snapshot back. */
  undo(): void;
}

/** Applies a change to a snapshot that may be changed. */
export function applyChange(snapshot: Snapshot, pod: PodInfo, change: RemedyChange): Applied {
  const unchanged = { pod, moved: [], undo: () => undefined };
  switch (change.type) {
    case 'node-changed':
      return { ...unchanged, undo: changeNode(snapshot, change) };
    case 'pods-moved': {
      const moved = change.pods.flatMap((key) => {
        const node = snapshot.nodeOf(key);
        const info = node?.pods.get(key);
        return node && info ? [{ info, node: node.name }] : [];
      });
      for (const { info } of moved) snapshot.removePod(info.key);
      return { pod, moved, undo: () => moved.forEach(({ info, node }) => snapshot.setPod(info, node)) };
    }
    case 'requests-lowered':
      return { ...unchanged, pod: { ...pod, requests: { ...pod.requests, ...change.requests } } };
    case 'skew-raised': {
      const { topologyKey, maxSkew } = change;
      const spread = pod.spread.map((one) => (one.topologyKey === topologyKey ? { ...one, maxSkew } : one));
      return { ...unchanged, pod: { ...pod, spread } };
    }
    case 'node-name-dropped':
      return { ...unchanged, pod: withoutNode(pod) };
    case 'gates-removed':
      return { ...unchanged, pod: withoutGates(pod) };
    case 'company-started': {
      const company = createPodInfo(change.pod);
      snapshot.setPod(company, change.node);
      return { ...unchanged, undo: () => snapshot.removePod(company.key) };
    }
    case 'volume-made':
    case 'claim-bound':
    case 'claim-unbound':
      return { ...unchanged, undo: changeVolumes(snapshot, change) };
    default:
      return { ...unchanged, undo: changeDevices(snapshot, change) };
  }
}

function changeNode(snapshot: Snapshot, change: RemedyChange & { type: 'node-changed' }): () => void {
  const node = snapshot.node(change.node);
  if (!node) return () => undefined;
  const { unschedulable, taints, labels } = node;
  snapshot.editNode(change.node, (info) => {
    if (change.uncordon) info.unschedulable = false;
    const gone = change.withoutTaints ?? [];
    info.taints = taints.filter(
      (taint) => !gone.some(({ key, effect }) => key === taint.key && effect === taint.effect),
    );
    info.labels = withLabels(labels, change.labels ?? {});
  });
  return () =>
    snapshot.editNode(change.node, (info: NodeInfo) => Object.assign(info, { unschedulable, taints, labels }));
}

function withLabels(
  labels: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string | null>>,
): Record<string, string> {
  const next = { ...labels };
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) delete next[key];
    else next[key] = value;
  }
  return next;
}
