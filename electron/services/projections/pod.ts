// Pods as rows: the state in one word, as kubectl's STATUS column finds it
// (pkg/printers/internalversion printPod: deletion, init containers, then containers from the last to the first).
import type { PodRow, PodState } from '../../../api/console/index.ts';
import type { ContainerStatus, Pod } from '../../../api/kinds/core/index.ts';
import { controllerOf } from '../../../api/meta/object-meta.ts';
import { diagnose } from './diagnosis.ts';
import { bytesOf, milliOf, timeOf } from './read.ts';

const waitingIsNormal = new Set(['ContainerCreating', 'PodInitializing']);

function reasonOfInit(statuses: readonly ContainerStatus[], total: number): string | undefined {
  for (const [index, { state }] of statuses.entries()) {
    const { terminated, waiting } = state ?? {};
    if (terminated) {
      if (terminated.exitCode === 0) continue;
      return `Init:${terminated.reason || `ExitCode:${terminated.exitCode}`}`;
    }
    if (waiting?.reason && waiting.reason !== 'PodInitializing') return `Init:${waiting.reason}`;
    return `Init:${index}/${total}`;
  }
  return undefined;
}

function reasonOfContainers(statuses: readonly ContainerStatus[], fallback: string): string {
  let reason = fallback;
  let running = false;
  for (const { state, ready } of statuses.toReversed()) {
    if (state?.waiting?.reason) reason = state.waiting.reason;
    else if (state?.terminated) reason = state.terminated.reason || `ExitCode:${state.terminated.exitCode}`;
    else if (state?.running && ready) running = true;
  }
  return reason === 'Completed' && running ? 'Running' : reason;
}

/** The word of kubectl's STATUS column. */
export function podReason(pod: Pod): string {
  const { status, metadata } = pod;
  if (metadata.deletionTimestamp) return status?.reason === 'NodeLost' ? 'Unknown' : 'Terminating';
  const phase = status?.reason || status?.phase || 'Pending';
  const init = reasonOfInit(status?.initContainerStatuses ?? [], pod.spec.initContainers?.length ?? 0);
  return init ?? reasonOfContainers(status?.containerStatuses ?? [], phase);
}

/** The state that drives colour, shape and order. */
export function podState(pod: Pod, reason: string): PodState {
  const phase = pod.status?.phase;
  if (pod.metadata.deletionTimestamp) return 'terminating';
  if (phase === 'Succeeded') return 'succeeded';
  if (phase === 'Failed') return 'failed';
  if (phase === 'Unknown') return 'unknown';
  const waiting = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])].find(
    ({ state }) => state?.waiting?.reason !== undefined && !waitingIsNormal.has(state.waiting.reason),
  );
  const crashed = (pod.status?.containerStatuses ?? []).some(({ state }) => (state?.terminated?.exitCode ?? 0) !== 0);
  if (waiting !== undefined || crashed) return 'failed';
  if (phase !== 'Running') return pod.spec.nodeName ? 'starting' : 'pending';
  if (reason.startsWith('Init:')) return 'starting';
  const ready = pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
  return ready ? 'running' : 'notReady';
}

/** The workload a pod belongs to. A ReplicaSet made by a Deployment ends in the pod template's hash. */
export function podOwner(pod: Pod): PodRow['owner'] {
  const owner = controllerOf(pod);
  if (owner === undefined) return undefined;
  const hash = pod.metadata.labels?.['pod-template-hash'];
  if (owner.kind === 'ReplicaSet' && hash && owner.name.endsWith(`-${hash}`)) {
    return { kind: 'Deployment', name: owner.name.slice(0, -hash.length - 1) };
  }
  return { kind: owner.kind, name: owner.name };
}

/** What a pod asks of its machine: the sum of its containers, or its largest init container. */
export function podRequests(pod: Pod): { cpuMilli: number; memoryBytes: number } {
  let cpuMilli = 0;
  let memoryBytes = 0;
  for (const { resources } of pod.spec.containers) {
    cpuMilli += milliOf(resources?.requests?.['cpu']);
    memoryBytes += bytesOf(resources?.requests?.['memory']);
  }
  for (const { resources } of pod.spec.initContainers ?? []) {
    cpuMilli = Math.max(cpuMilli, milliOf(resources?.requests?.['cpu']));
    memoryBytes = Math.max(memoryBytes, bytesOf(resources?.requests?.['memory']));
  }
  return { cpuMilli, memoryBytes };
}

/** Whether a pod has ended for good. One that fails and is tried again still takes its room. */
function isOver({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

/** What the scheduler says of a pod that no machine takes. */
function unschedulable({ status, spec, metadata }: Pod): string | undefined {
  if (spec.nodeName || metadata.deletionTimestamp) return undefined;
  const condition = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  return condition?.status === 'False' && condition.reason === 'Unschedulable' ? condition.message : undefined;
}

/** The row of a pod. */
export function podRow(pod: Pod): PodRow {
  const reason = podReason(pod);
  const state = podState(pod, reason);
  const statuses = pod.status?.containerStatuses ?? [];
  return {
    uid: pod.metadata.uid,
    namespace: pod.metadata.namespace ?? '',
    name: pod.metadata.name,
    state,
    reason,
    message: unschedulable(pod),
    readyContainers: statuses.filter(({ ready }) => ready).length,
    containers: pod.spec.containers.length,
    restarts: statuses.reduce((sum, { restartCount }) => sum + (restartCount ?? 0), 0),
    node: pod.spec.nodeName || undefined,
    ip: pod.status?.podIP || undefined,
    owner: podOwner(pod),
    ...podRequests(pod),
    createdAt: timeOf(pod.metadata.creationTimestamp) ?? 0,
    qosClass: pod.status?.qosClass,
    over: isOver(pod),
    diagnosis: diagnose(pod, state),
  };
}
