// What a pod is doing, in the one word and the numbers that its table row shows.
import { parseTime } from '../../meta/time.ts';
import type { ContainerState, ContainerStatus } from '../core/container-status.ts';
import type { Pod } from '../core/pod.ts';

/** The state of a pod, as a table row tells it. */
export interface PodState {
  readonly reason: string;
  readonly ready: number;
  readonly total: number;
  readonly restarts: number;
  readonly lastRestartMs: number | undefined;
}

/** Sums up a pod's status: its init containers while it starts, its containers afterwards. */
export function podState(pod: Pod): PodState {
  const { metadata, spec, status = {} } = pod;
  const sidecars = new Set(
    (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always').map(({ name }) => name),
  );
  const statuses = status.containerStatuses ?? [];
  const init = initState(pod, sidecars);
  const initialized = init.reason === undefined || isTrue(pod, 'Initialized');
  const running = initialized ? mainState(pod, statuses) : undefined;
  const counted = initialized
    ? [...(status.initContainerStatuses ?? []).filter(({ name }) => sidecars.has(name)), ...statuses]
    : (status.initContainerStatuses ?? []).slice(0, init.seen);
  const reason = running?.reason ?? init.reason ?? basicReason(pod);
  const terminal = status.phase === 'Succeeded' || status.phase === 'Failed';
  const deleted = metadata.deletionTimestamp !== undefined;
  return {
    reason: deleted && status.reason === 'NodeLost' ? 'Unknown' : deleted && !terminal ? 'Terminating' : reason,
    ready: init.ready + (running?.ready ?? 0),
    total: (spec.containers ?? []).length + sidecars.size,
    restarts: counted.reduce((sum, { restartCount = 0 }) => sum + restartCount, 0),
    lastRestartMs: lastRestart(counted),
  };
}

function basicReason({ status = {} }: Pod): string {
  const gated = status.conditions?.some(({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated');
  return gated ? 'SchedulingGated' : status.reason || status.phase || 'Unknown';
}

/** The first init container that is not through, if any; sidecars that run count as through. */
function initState(
  { spec, status }: Pod,
  sidecars: ReadonlySet<string>,
): { reason?: string; ready: number; seen: number } {
  let ready = 0;
  for (const [index, container] of (status?.initContainerStatuses ?? []).entries()) {
    const { state = {} } = container;
    if (state.terminated?.exitCode === 0) continue;
    if (sidecars.has(container.name) && container.started === true) {
      if (container.ready) ready += 1;
      continue;
    }
    const waiting = state.waiting?.reason === 'PodInitializing' ? undefined : state.waiting?.reason;
    const why = state.terminated === undefined ? waiting : ending(state);
    const reason = why ? `Init:${why}` : `Init:${index}/${(spec.initContainers ?? []).length}`;
    return { reason, ready, seen: index + 1 };
  }
  return { ready, seen: status?.initContainerStatuses?.length ?? 0 };
}

function mainState(pod: Pod, statuses: readonly ContainerStatus[]): { reason?: string; ready: number } {
  let reason: string | undefined;
  let ready = 0;
  // The first container has the last word, as upstream walks them backwards.
  for (const container of [...statuses].reverse()) {
    const { state = {} } = container;
    if (state.waiting?.reason) reason = state.waiting.reason;
    else if (state.terminated !== undefined) reason = ending(state);
    else if (container.ready && state.running !== undefined) ready += 1;
  }
  if (reason === 'Completed' && ready > 0) reason = isTrue(pod, 'Ready') ? 'Running' : 'NotReady';
  return { reason, ready };
}

function ending({ terminated }: ContainerState): string | undefined {
  if (terminated === undefined) return undefined;
  if (terminated.reason) return terminated.reason;
  return terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode}`;
}

function isTrue({ status }: Pod, type: string): boolean {
  return status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;
}

function lastRestart(statuses: readonly ContainerStatus[]): number | undefined {
  const times = statuses.map(({ lastState }) => parseTime(lastState?.terminated?.finishedAt ?? '') ?? -Infinity);
  const last = Math.max(-Infinity, ...times);
  return last === -Infinity ? undefined : last;
}
