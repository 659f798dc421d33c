// What runs of one pod, in order: the newest sandbox and, per container name, its attempts from new to old. Pure.
import type { Container, EphemeralContainer, Pod } from '../../../api/kinds/core/index.ts';
import type { ObservedContainer } from '../../runtime/container-runtime.ts';

/** Facts that the kubelet stores with each container and reads back. */
export const noteKeys = {
  /** The sandbox it was made for. */
  sandbox: 'sandbox',
  /** The image as the spec named it: another one means a new container. */
  image: 'image',
  /** Where its termination message is on this machine. */
  messagePath: 'message-path',
  /** The pod's grace, for stopping what nobody remembers. */
  graceSeconds: 'grace',
  /** The pod's creation as the API gave it; tells static pods apart. */
  source: 'source',
} as const;

export interface PodView {
  /** The newest sandbox, running or not. */
  readonly sandbox?: ObservedContainer;
  readonly olderSandboxes: readonly ObservedContainer[];
  /** Attempts per container name, newest first. */
  readonly attempts: ReadonlyMap<string, readonly ObservedContainer[]>;
}

export const emptyView: PodView = { olderSandboxes: [], attempts: new Map() };

export function viewPod(observed: Iterable<ObservedContainer>): PodView {
  const sandboxes: ObservedContainer[] = [];
  const attempts = new Map<string, ObservedContainer[]>();
  for (const one of observed) {
    if (one.kind === 'sandbox') sandboxes.push(one);
    else attempts.set(one.containerName, [...(attempts.get(one.containerName) ?? []), one]);
  }
  for (const list of attempts.values()) list.sort(newestFirst);
  sandboxes.sort(newestFirst);
  const [sandbox, ...olderSandboxes] = sandboxes;
  return { ...(sandbox !== undefined && { sandbox }), olderSandboxes, attempts };
}

function newestFirst(a: ObservedContainer, b: ObservedContainer): number {
  return b.attempt - a.attempt || b.createdAtMs - a.createdAtMs;
}

/** The newest attempt of a container. */
export function latest(view: PodView, name: string): ObservedContainer | undefined {
  return view.attempts.get(name)?.[0];
}

/** The newest attempt, if it was made for the sandbox that runs now. */
export function current(view: PodView, name: string): ObservedContainer | undefined {
  if (view.sandbox?.state !== 'running') return undefined;
  const found = latest(view, name);
  return found?.annotations[noteKeys.sandbox] === view.sandbox.id ? found : undefined;
}

/** Containers (not sandboxes) that run. */
export function runningContainers(view: PodView): ObservedContainer[] {
  return [...view.attempts.values()].flat().filter((one) => one.state === 'running');
}

/** The group of a container decides when it runs and how it is reported. */
export type ContainerGroup = 'init' | 'app' | 'ephemeral';

/** An init container that keeps running beside the pod's own containers. */
export function isSidecar(container: Container): boolean {
  return container.restartPolicy === 'Always';
}

/** All containers of a pod with their group, in the order of the spec. */
export function containersOf(
  pod: Readonly<Pod>,
): { container: Container | EphemeralContainer; group: ContainerGroup }[] {
  return [
    ...(pod.spec.initContainers ?? []).map((container) => ({ container, group: 'init' as const })),
    ...pod.spec.containers.map((container) => ({ container, group: 'app' as const })),
    ...(pod.spec.ephemeralContainers ?? []).map((container) => ({ container, group: 'ephemeral' as const })),
  ];
}
