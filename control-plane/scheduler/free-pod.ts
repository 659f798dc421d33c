// A pod that has a node, or is held back, as if it were not: to ask where it could go.
import { createPodInfo } from './snapshot/pod-info.ts';
import type { PodInfo } from './snapshot/pod-info.ts';

/** The same pod, free to go anywhere. */
export function withoutNode(info: PodInfo): PodInfo {
  if (!info.pod.spec.nodeName) return info;
  const { nodeName: _nodeName, ...spec } = info.pod.spec;
  return createPodInfo({ ...info.pod, spec } as PodInfo['pod']);
}

/** The same pod, no longer held back. */
export function withoutGates(info: PodInfo): PodInfo {
  const { schedulingGates: _gates, ...spec } = info.pod.spec;
  return { ...info, pod: { ...info.pod, spec } };
}
