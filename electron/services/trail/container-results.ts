// What becomes of containers after a write: of the pod that was written and of those made in its place, or of those of the
// workload. Each container that starts, ends or cannot start is told once, for as long as a rollout usually takes.
// Guarantees: of a pod's workload, only pods that came after the write are told.
import type { ContainerStatus, Pod } from '../../../api/kinds/core/index.ts';
import { pods } from '../../../api/kinds/core/index.ts';
import type { Clock } from '../../../machinery/clock.ts';
import type { TraceFacts } from '../../../machinery/trace.ts';
import type { ClusterSession } from '../clusters/session.ts';
import { podOwner } from '../projections/pod.ts';

const followMs = 180_000;
const mostResults = 300;
const waitingIsNormal = new Set(['ContainerCreating', 'PodInitializing']);
const workloads: Readonly<Record<string, string>> = {
  deployments: 'Deployment',
  statefulsets: 'StatefulSet',
  daemonsets: 'DaemonSet',
  replicasets: 'ReplicaSet',
  replicationcontrollers: 'ReplicationController',
  jobs: 'Job',
};

/** Whose containers a write concerns. */
export interface Written {
  readonly namespace: string;
  /** `Pod`, or the kind of the workload. */
  readonly kind: string;
  readonly name: string;
}

/** What an API path names, if containers come of it. */
export function writtenAt(path: string): Written | undefined {
  const [, namespace, plural = '', name] = /\/namespaces\/([^/]+)\/([^/]+)\/([^/?]+)/.exec(path) ?? [];
  const kind = plural === 'pods' ? 'Pod' : workloads[plural];
  return kind === undefined || namespace === undefined || name === undefined ? undefined : { namespace, kind, name };
}

/** Whether the containers of the pod are concerned. */
export function isOf(pod: Pod, { namespace, kind, name }: Written): boolean {
  if (pod.metadata.namespace !== namespace) return false;
  if (kind === 'Pod') return pod.metadata.name === name;
  const owner = podOwner(pod);
  return owner?.kind === kind && owner.name === name;
}

/** What there is to tell of each container of a pod. */
export function resultsOf({ metadata, spec, status }: Pod): TraceFacts[] {
  const pod = `${metadata.namespace ?? ''}/${metadata.name}`;
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return all.flatMap((one) => {
    const state = stateOf(one);
    if (state === undefined) return [];
    const containerId = String(state['containerId'] ?? one.containerID ?? '');
    return [{ pod, container: one.name, machine: spec.nodeName ?? '', ...state, containerId }];
  });
}

function stateOf({ state }: ContainerStatus): Record<string, string | number> | undefined {
  const { running, terminated, waiting } = state ?? {};
  if (running) return { state: 'running' };
  if (terminated) {
    const { exitCode, reason = '', containerID } = terminated;
    return { state: 'terminated', exitCode: exitCode ?? 0, reason, ...(containerID && { containerId: containerID }) };
  }
  const reason = waiting?.reason ?? '';
  return reason === '' || waitingIsNormal.has(reason) ? undefined : { state: 'waiting', reason };
}

/** Tells what becomes of the containers; ends by itself. */
export function followContainers(
  { informers, signal }: ClusterSession,
  clock: Clock,
  written: Written,
  tell: (facts: TraceFacts) => void,
): void {
  const informer = informers.of<Pod>(pods);
  const told = new Set<string>();
  let left = mostResults;
  const begin = (): void => {
    const keysOf = (pod: Pod): [string, TraceFacts][] =>
      resultsOf(pod).map((facts) => [`${pod.metadata.uid} ${JSON.stringify(facts)}`, facts]);
    const before = new Set<string>();
    let maker: Written | undefined;
    /** Whether the pod is told of; one that was written also says who makes another. */
    const isConcerned = (pod: Pod): boolean => {
      if (!isOf(pod, written)) return maker !== undefined && !before.has(pod.metadata.uid) && isOf(pod, maker);
      const owner = written.kind === 'Pod' ? podOwner(pod) : undefined;
      if (owner !== undefined) maker = { namespace: written.namespace, ...owner };
      return true;
    };
    for (const pod of informer.list() as readonly Pod[]) {
      before.add(pod.metadata.uid);
      if (isConcerned(pod)) for (const [key] of keysOf(pod)) told.add(key);
    }
    const say = (key: string, facts: TraceFacts): void => {
      if (told.has(key) || left === 0) return;
      told.add(key);
      left -= 1;
      tell(facts);
    };
    const stop = informer.onDidChange(({ current, previous }) => {
      const pod = (current ?? previous) as Pod | undefined;
      if (pod === undefined || !isConcerned(pod)) return;
      for (const [key, facts] of keysOf(pod)) say(key, facts);
      if (current !== undefined) return;
      const { metadata, spec } = pod;
      const gone = `${metadata.namespace ?? ''}/${metadata.name}`;
      const facts = { pod: gone, container: '', machine: spec.nodeName ?? '', state: 'gone', containerId: '' };
      say(`${metadata.uid} gone`, facts);
    });
    const end = (): void => {
      cancel();
      stop();
    };
    const cancel = clock.setTimeout(end, followMs);
    signal.addEventListener('abort', end, { once: true });
  };
  if (informer.hasSynced()) begin();
  else informer.whenSynced(signal).then(begin, () => undefined); // rejects only when the cluster is closed
}
