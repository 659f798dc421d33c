// Finds the container that a request names, or says with the right status why there is none.
import type { Kubelet } from '../kubelet/kubelet.ts';
import { containersOf, viewPod } from '../kubelet/plan/pod-view.ts';
import type { PodView } from '../kubelet/plan/pod-view.ts';
import type { PodRecord } from '../kubelet/pods/pod-record.ts';
import type { ObservedContainer } from '../runtime/container-runtime.ts';
import { HttpError } from './http-error.ts';

export function findPod(kubelet: Kubelet, namespace: string, name: string): { record: PodRecord; view: PodView } {
  const record = kubelet.manager.find(namespace, name);
  if (record === undefined)
    throw new HttpError(404, `pod "${name}" not found in namespace "${namespace}" on this node`);
  return { record, view: viewPod(kubelet.parts.observations.of(record.uid)) };
}

/** Attempts of a container that ever ran, newest first. */
export function findAttempts(
  kubelet: Kubelet,
  namespace: string,
  podName: string,
  name: string,
): readonly ObservedContainer[] {
  const { record, view } = findPod(kubelet, namespace, podName);
  if (!containersOf(record.pod).some(({ container }) => container.name === name)) {
    throw new HttpError(404, `container ${name} is not valid for pod ${podName}`);
  }
  return (view.attempts.get(name) ?? []).filter(({ state }) => state !== 'created');
}

/** The running container of that name. */
export function findRunning(kubelet: Kubelet, namespace: string, podName: string, name: string): ObservedContainer {
  const [newest] = findAttempts(kubelet, namespace, podName, name);
  if (newest?.state !== 'running') throw new HttpError(404, `container not found ("${name}")`);
  return newest;
}
