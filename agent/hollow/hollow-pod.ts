// The status of a pod that runs on a hollow node: every container started when the pod did, init containers succeeded.
// Pure. With the annotation `hollow.pilothouse.io/run-seconds` its containers end well after that long, as a job's would.
import type { Pod, PodStatus } from '../../api/kinds/core/index.ts';
import { podStatus } from '../kubelet/plan/pod-status.ts';
import { isSidecar, viewPod } from '../kubelet/plan/pod-view.ts';
import type { ObservedContainer } from '../runtime/container-runtime.ts';

export const runSecondsAnnotation = 'hollow.pilothouse.io/run-seconds';

export interface HollowPodFacts {
  readonly podIp: string;
  readonly hostIp: string;
  readonly startedAtMs: number;
  readonly nowMs: number;
}

/** When the pod's containers end by themselves; undefined when they do not. */
export function endsAtMs(pod: Readonly<Pod>, startedAtMs: number): number | undefined {
  const seconds = Number(pod.metadata.annotations?.[runSecondsAnnotation]);
  return Number.isFinite(seconds) ? startedAtMs + seconds * 1000 : undefined;
}

export function hollowPodStatus(pod: Readonly<Pod>, facts: HollowPodFacts): PodStatus {
  const { podIp, hostIp, startedAtMs, nowMs } = facts;
  const endMs = endsAtMs(pod, startedAtMs);
  const isDone = endMs !== undefined && endMs <= nowMs;
  const exit = (atMs: number): Partial<ObservedContainer> => ({ state: 'exited', exitCode: 0, finishedAtMs: atMs });
  const observed: ObservedContainer[] = [
    observe(pod, '', facts, { kind: 'sandbox' }),
    ...(pod.spec.initContainers ?? []).map((container) =>
      observe(pod, container.name, facts, isSidecar(container) ? {} : exit(startedAtMs)),
    ),
    ...pod.spec.containers.map(({ name }) => observe(pod, name, facts, isDone ? exit(endMs) : {})),
  ];
  return podStatus(pod, {
    view: viewPod(observed),
    isDone,
    podIps: [pod.spec.hostNetwork === true ? hostIp : podIp],
    hostIps: [hostIp],
    startTimeMs: startedAtMs,
    nowMs,
    waiting: new Map(),
    isReady: () => true,
    hasStarted: () => true,
    messageOf: () => undefined,
  });
}

function observe(
  pod: Readonly<Pod>,
  containerName: string,
  { startedAtMs }: HollowPodFacts,
  differs: Partial<ObservedContainer>,
): ObservedContainer {
  const image = pod.spec.containers.find(({ name }) => name === containerName)?.image ?? '';
  return {
    id: `${pod.metadata.uid}-${containerName}`,
    kind: 'container',
    podUid: pod.metadata.uid,
    podName: pod.metadata.name,
    podNamespace: pod.metadata.namespace ?? 'default',
    containerName,
    attempt: 0,
    state: 'running',
    pid: 1,
    createdAtMs: startedAtMs,
    startedAtMs,
    oomKilled: false,
    image,
    imageId: `hollow:${image}`,
    annotations: {},
    resources: {},
    hostNetwork: pod.spec.hostNetwork ?? false,
    ...differs,
  };
}
