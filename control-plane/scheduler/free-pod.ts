// A pod that has a node, as if it had none: to ask where else it could go.
import { createPodInfo } from './snapshot/pod-info.ts';
import type { PodInfo } from './snapshot/pod-info.ts';

/** The same pod, free to go anywhere. */
export function withoutNode(info: PodInfo): PodInfo {
  if (!info.pod.spec.nodeName) return info;
  const { nodeName: _nodeName, ...spec } = info.pod.spec;
  return createPodInfo({ ...info.pod, spec } as PodInfo['pod']);
}
