// Whether a node is still heard of, judged by this machine's clock alone: a node is silent since the moment this
// process last saw its lease or its heartbeat change. Clocks that differ, or step, change nothing. Pure but for memory.
import type { Node } from '../../../api/kinds/core/index.ts';
import type { Lease } from '../../../api/kinds/coordination/index.ts';
import { conditionOf } from '../conditions.ts';

export interface NodeHealth {
  /** Notes what is seen of a node now, and says since when nothing new has been seen. */
  observe(node: Readonly<Node>, lease: Readonly<Lease> | undefined, nowMs: number): number;
  forget(nodeName: string): void;
}

/** Nothing seen yet; a node seen for the first time counts as heard of now. */
export function createNodeHealth(): NodeHealth {
  const seen = new Map<string, { sign: string; sinceMs: number }>();
  return {
    observe(node, lease, nowMs) {
      const heartbeat = conditionOf(node.status?.conditions, 'Ready')?.lastHeartbeatTime;
      const sign = `${node.metadata.uid} ${lease?.spec?.renewTime ?? ''} ${heartbeat ?? ''}`;
      const known = seen.get(node.metadata.name);
      if (known?.sign === sign) return known.sinceMs;
      seen.set(node.metadata.name, { sign, sinceMs: nowMs });
      return nowMs;
    },
    forget: (nodeName) => void seen.delete(nodeName),
  };
}
