// The whole status of a pod: phase, conditions with their transition times, addresses and every container. Pure.
import type { ObservedContainer } from '../../runtime/container-runtime.ts';
import type { ContainerStatus, Pod, PodCondition, PodStatus } from '../../../api/kinds/core/index.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { apiContainerId, containerStatus } from './container-status.ts';
import type { ContainerFacts, Waiting } from './container-status.ts';
import { resizeConditions, resizeConditionTypes } from './plan-resize.ts';
import type { ResizeState } from './plan-resize.ts';
import { conditionsOf, isTerminalPhase, phaseOf } from './pod-phase.ts';
import { isSidecar, latest, runningContainers } from './pod-view.ts';
import type { ContainerGroup, PodView } from './pod-view.ts';
import { qosClassOf } from './qos.ts';

/** The kubelet's own reason to end a pod, or not to begin it. */
export interface PodVerdict {
  readonly phase: 'Failed';
  /** The pod was never let in: nothing of it has run. */
  readonly isRefusal?: boolean;
  /** The node ended a pod that was well: the condition DisruptionTarget says so. */
  readonly isDisruption?: boolean;
  /** The pod may not take longer than this to end. */
  readonly graceSeconds?: number;
  readonly reason: string;
  readonly message: string;
}

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
  readonly recursiveReadOnly?: boolean;
  /** Where a change of the pod's resources stands. */
  readonly resize?: ResizeState;
  /** Ids of containers that do not run by their new limits yet. */
  readonly unsettled?: ReadonlySet<string>;
  /** The kubelet ended the pod for a reason of its own (evicted, deadline, refused). */
  readonly verdict?: PodVerdict;
}

export function podStatus(pod: Readonly<Pod>, facts: StatusFacts): PodStatus {
  if (facts.verdict?.isRefusal === true) return refusedStatus(pod, facts.verdict);
  const listed = (group: ContainerGroup, containers: readonly Pod['spec']['containers'][number][]): ContainerStatus[] =>
    containers.map((container) => statusIn(pod, facts, group, container));
  const lists = {
    init: listed('init', pod.spec.initContainers ?? []),
    app: listed('app', pod.spec.containers),
  };
  const ephemeral = listed('ephemeral', pod.spec.ephemeralContainers ?? []);
  const before = pod.status;
  // While a container runs nobody is told that the pod is over: what it holds is not free yet.
  const verdict = runningContainers(facts.view).length > 0 ? undefined : facts.verdict;
  // A terminal phase is final, whatever is seen of the containers later.
  const computed = verdict?.phase ?? phaseOf(pod, lists, facts.isDone);
  const phase = isTerminalPhase(before?.phase) ? (before?.phase as typeof computed) : computed;
  const hasNetwork = facts.view.sandbox?.state === 'running' && facts.podIps.length > 0;
  const [podIP] = facts.podIps;
  const [hostIP] = facts.hostIps;
  return {
    phase,
    conditions: withTimes(
      before?.conditions ?? [],
      [...conditionsOf(pod, lists, phase, hasNetwork), ...disruption(facts.verdict)],
      resizeConditions(facts.resize),
      pod,
      facts.nowMs,
    ),
    ...reasonOf(verdict, before),
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

function disruption(verdict: PodVerdict | undefined): Omit<PodCondition, 'lastTransitionTime'>[] {
  if (verdict?.isDisruption !== true) return [];
  return [{ type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', message: verdict.message }];
}

/** Nothing of a refused pod has run: only the refusal is told. */
function refusedStatus(pod: Readonly<Pod>, { phase, reason, message }: PodVerdict): PodStatus {
  const { conditions } = pod.status ?? {};
  return {
    phase,
    reason,
    message,
    ...(conditions !== undefined && { conditions }),
    qosClass: pod.status?.qosClass ?? qosClassOf(pod),
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
    recursiveReadOnly: facts.recursiveReadOnly ?? false,
    messageOf: facts.messageOf,
    ...settledResources(pod, facts, newest),
  });
}

/** Until a container runs by its new limits, its status shows the ones it had. */
function settledResources(
  pod: Readonly<Pod>,
  { unsettled }: StatusFacts,
  newest: ObservedContainer | undefined,
): Pick<ContainerFacts, 'settled'> {
  if (newest === undefined || unsettled?.has(newest.id) !== true) return {};
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {};
  const before = [...initContainerStatuses, ...containerStatuses].find(
    ({ containerID }) => containerID === apiContainerId(newest.id),
  );
  return before?.resources === undefined ? {} : { settled: before.resources };
}

function reasonOf(
  verdict: PodVerdict | undefined,
  before: PodStatus | undefined,
): Pick<PodStatus, 'reason' | 'message'> {
  const reason = verdict?.reason ?? before?.reason;
  const message = verdict?.message ?? before?.message;
  return { ...(reason !== undefined && { reason }), ...(message !== undefined && { message }) };
}

/** A condition keeps its transition time for as long as its status stays; conditions of others are kept as they are. */
function withTimes(
  before: readonly PodCondition[],
  now: readonly Omit<PodCondition, 'lastTransitionTime'>[],
  resizing: readonly Omit<PodCondition, 'lastTransitionTime'>[],
  pod: Readonly<Pod>,
  nowMs: number,
): PodCondition[] {
  const generation = pod.metadata.generation;
  const ours = [...now, ...resizing].map((condition) => {
    const old = before.find(({ type }) => type === condition.type);
    const isSame = old?.status === condition.status && old.lastTransitionTime !== undefined;
    return {
      ...(generation !== undefined && { observedGeneration: generation }),
      ...condition,
      lastTransitionTime: isSame ? old.lastTransitionTime : formatTime(nowMs),
    };
  });
  const own = new Set<string>([...now.map(({ type }) => type), ...resizeConditionTypes]);
  return [...ours, ...before.filter(({ type }) => !own.has(type))];
}
