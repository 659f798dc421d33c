// Which pods nobody will ever remove otherwise. Pure.
import type { Node, Pod } from '../../../api/kinds/core/index.ts';
import { conditionOf } from '../conditions.ts';
import { isFinished } from '../pod-state.ts';

export interface PodGarbage {
  pod: Readonly<Pod>;
  /** Why, as the pod's DisruptionTarget condition says it; finished pods say nothing. */
  reason?: string;
}

/** Finished pods beyond the threshold, the oldest first. */
export function planFinishedPods(pods: readonly Readonly<Pod>[], threshold: number): PodGarbage[] {
  if (threshold <= 0) return [];
  const finished = pods.filter((pod) => isFinished(pod) && pod.metadata.deletionTimestamp === undefined);
  if (finished.length <= threshold) return [];
  const createdMs = (pod: Readonly<Pod>): number => Date.parse(pod.metadata.creationTimestamp);
  finished.sort((a, b) => createdMs(a) - createdMs(b) || (a.metadata.name < b.metadata.name ? -1 : 1));
  return finished.slice(0, finished.length - threshold).map((pod) => ({ pod }));
}

/** Pods whose node is gone, or declared out of service, and pods that leave without ever having had a node. */
export function planLostPods(
  pods: readonly Readonly<Pod>[],
  nodeOf: (name: string) => Readonly<Node> | undefined,
  isNodeGone: (name: string) => boolean,
): PodGarbage[] {
  return pods.flatMap((pod): PodGarbage[] => {
    const { nodeName } = pod.spec;
    const isLeaving = pod.metadata.deletionTimestamp !== undefined;
    if (!nodeName) return isLeaving ? [{ pod }] : [];
    const node = nodeOf(nodeName);
    if (node === undefined) return isNodeGone(nodeName) ? [{ pod, reason: 'PodGC: node no longer exists' }] : [];
    const isOutOfService = node.spec?.taints?.some(({ key }) => key === 'node.kubernetes.io/out-of-service') ?? false;
    const isReady = conditionOf(node.status?.conditions, 'Ready')?.status === 'True';
    return isLeaving && isOutOfService && !isReady ? [{ pod }] : [];
  });
}
