// Who owns whom in the whole cluster, by uid. An owner need not be known for its dependents to be found.
import type { OwnerReference } from '../../../api/meta/object-meta.ts';
import type { ResourceRef } from '../../../machinery/rest-client.ts';

export interface GraphNode {
  readonly uid: string;
  readonly resource: ResourceRef;
  readonly name: string;
  readonly namespace?: string;
  readonly owners: readonly OwnerReference[];
  /** Deleted in the foreground: waits for its dependents. */
  readonly isDeletingDependents: boolean;
  /** Deleted with its dependents to be kept: waits for them to be set free. */
  readonly isOrphaning: boolean;
  readonly isDeleting: boolean;
}

export interface OwnerGraph {
  get(uid: string): GraphNode | undefined;
  dependentsOf(uid: string): GraphNode[];
  put(node: GraphNode): void;
  remove(uid: string): GraphNode | undefined;
  readonly size: number;
}

/** An empty graph. */
export function createOwnerGraph(): OwnerGraph {
  const nodes = new Map<string, GraphNode>();
  const dependents = new Map<string, Set<string>>();

  const unlink = (node: GraphNode): void => {
    for (const { uid } of node.owners) {
      const set = dependents.get(uid);
      set?.delete(node.uid);
      if (set?.size === 0) dependents.delete(uid);
    }
  };

  return {
    get: (uid) => nodes.get(uid),
    dependentsOf: (uid) =>
      [...(dependents.get(uid) ?? [])].flatMap((dependent) => {
        const node = nodes.get(dependent);
        return node ? [node] : [];
      }),
    put(node) {
      const before = nodes.get(node.uid);
      if (before) unlink(before);
      nodes.set(node.uid, node);
      for (const { uid } of node.owners) {
        const set = dependents.get(uid);
        if (set) set.add(node.uid);
        else dependents.set(uid, new Set([node.uid]));
      }
    },
    remove(uid) {
      const node = nodes.get(uid);
      if (node) unlink(node);
      nodes.delete(uid);
      return node;
    },
    get size() {
      return nodes.size;
    },
  };
}
