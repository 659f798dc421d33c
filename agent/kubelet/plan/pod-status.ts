// The whole status of a pod: phase, conditions with their transition times, addresses and every container. Pure.
import type { ContainerStatus, Pod, PodCondition, PodStatus } from '../../../api/kinds/core/index.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { containerStatus } from './container-status.ts';
import type { Waiting } from './container-status.ts';
import { conditionsOf, isTerminalPhase, phaseOf } from './pod-phase.ts';
import { isSidecar, latest } from './pod-view.ts';
import type { ContainerGroup, PodView } from './pod-view.ts';
import { qosClassOf } from './qos.ts';

export interface StatusFacts {
  readonly view: PodView;
  /** The plan has nothing left to run. */
  readonly isDone: boolean;
  readonly podIps: readonly string[];
  readonly hostIps: readonly string[];
  readonly startTimeMs: number;
  readonly nowMs: number;
  /** What holds a container up: errors of its last start, back-off, a pull in progress. */
  readonly waiting: ReadonlyMap<string, Waiting>;
  readonly isReady: (containerId: string) => boolean;
  readonly hasStarted: (containerId: string) => boolean;
  readonly messageOf: (containerId: string) => string | undefined;
  /** The kubelet ended the pod for a reason of its own (evicted, deadline, refused). */
  readonly verdict?: { readonly phase: 'Failed'; readonly reason: string; readonly message: string };
}

export function podStatus(pod: Readonly<Pod>, facts: StatusFacts): PodStatus {
  const listed = (group: ContainerGroup, containers: readonly Pod['spec']['containers'][number][]): ContainerStatus[] =>
    containers.map((container) => statusIn(pod, facts, group, container));
  const lists = {
    init: listed('init', pod.spec.initContainers ?? []),
    app: listed('app', pod.spec.containers),
  };
  const ephemeral = listed('ephemeral', pod.spec.ephemeralContainers ?? []);
  const before = pod.status;
  // A terminal phase is final, whatever is seen of the containers later.
  const computed = facts.verdict?.phase ?? phaseOf(pod, lists, facts.isDone);
  const phase = isTerminalPhase(before?.phase) ? (before?.phase as typeof computed) : computed;
  const hasNetwork = facts.view.sandbox?.state === 'running' && facts.podIps.length > 0;
  const [podIP] = facts.podIps;
  const [hostIP] = facts.hostIps;
  return {
    phase,
    conditions: withTimes(before?.conditions ?? [], conditionsOf(pod, lists, phase, hasNetwork), pod, facts.nowMs),
    ...reasonOf(facts, before),
    ...(hostIP !== undefined && { hostIP, hostIPs: facts.hostIps.map((ip) => ({ ip })) }),
    ...(podIP !== undefined && { podIP, podIPs: facts.podIps.map((ip) => ({ ip })) }),
    startTime: before?.startTime ?? formatTime(facts.startTimeMs),
    ...(lists.init.length > 0 && { initContainerStatuses: lists.init }),
    containerStatuses: lists.app,
    ...(ephemeral.length > 0 && { ephemeralContainerStatuses: ephemeral }),
    qosClass: before?.qosClass ?? qosClassOf(pod),
    ...(pod.metadata.generation !== undefined && { observedGeneration: pod.metadata.generation }),
  };
}

function statusIn(
  pod: Readonly<Pod>,
  facts: StatusFacts,
  group: ContainerGroup,
  container: Pod['spec']['containers'][number],
): ContainerStatus {
  const attempts = facts.view.attempts.get(container.name) ?? [];
  const waiting = facts.waiting.get(container.name);
  const newest = latest(facts.view, container.name);
  const runs = newest?.state === 'running';
  const started = runs && facts.hasStarted(newest.id);
  const succeeded = newest?.state === 'exited' && newest.exitCode === 0;
  const isPlainInit = group === 'init' && !isSidecar(container);
  const hasInit = (pod.spec.initContainers ?? []).length > 0;
  return containerStatus({
    container,
    attempts,
    ...(waiting !== undefined && { waiting }),
    initialWaiting: { reason: hasInit ? 'PodInitializing' : 'ContainerCreating' },
    isReady: isPlainInit ? succeeded : started && facts.isReady(newest.id),
    hasStarted: isPlainInit ? runs : started,
    messageOf: facts.messageOf,
  });
}

function reasonOf(facts: StatusFacts, before: PodStatus | undefined): Pick<PodStatus, 'reason' | 'message'> {
  const reason = facts.verdict?.reason ?? before?.reason;
  const message = facts.verdict?.message ?? before?.message;
  return { ...(reason !== undefined && { reason }), ...(message !== undefined && { message }) };
}

/** A condition keeps its transition time for as long as its status stays; conditions of others are kept as they are. */
function withTimes(
  before: readonly PodCondition[],
  now: readonly Omit<PodCondition, 'lastTransitionTime'>[],
  pod: Readonly<Pod>,
  nowMs: number,
): PodCondition[] {
  const generation = pod.metadata.generation;
  const ours = now.map((condition) => {
    const old = before.find(({ type }) => type === condition.type);
    const isSame = old?.status === condition.status && old.lastTransitionTime !== undefined;
    return {
      ...condition,
      lastTransitionTime: isSame ? old.lastTransitionTime : formatTime(nowMs),
      ...(generation !== undefined && { observedGeneration: generation }),
    };
  });
  return [...ours, ...before.filter(({ type }) => !now.some((condition) => condition.type === type))];
}
