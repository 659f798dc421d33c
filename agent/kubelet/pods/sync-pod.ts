// Brings one pod to what its spec says: look, plan, tell the API, act, and look again until nothing is left to do. The
// decisions are plan-pod.ts's; here is their order and what happens when a step fails.
import { formatTime } from '../../../api/meta/time.ts';
import type { PodStatus } from '../../../api/kinds/core/index.ts';
import type { PreparedVolume } from '../../volumes/pod-volumes.ts';
import type { KubeletParts } from '../parts.ts';
import { allocatedPod } from '../admission/admit-pod.ts';
import { planResize } from '../plan/plan-resize.ts';
import { fieldPathOf } from '../parts.ts';
import { planPod } from '../plan/plan-pod.ts';
import type { PodHealth, PodPlan } from '../plan/plan-pod.ts';
import { podStatus } from '../plan/pod-status.ts';
import type { Waiting } from '../plan/container-status.ts';
import { runtimeContainerId } from '../plan/container-status.ts';
import { isTerminalPhase } from '../plan/pod-phase.ts';
import { runningContainers, viewPod } from '../plan/pod-view.ts';
import type { PodView } from '../plan/pod-view.ts';
import { podWithStatus } from './pod-record.ts';
import type { PodRecord } from './pod-record.ts';
import { resizePod, resizeRetryMs, resourceFacts, takeUpResize } from './resize-pod.ts';
import { canOverlap, connectSandbox, createSandbox, startContainer, volumeFacts } from './start-pod.ts';
import type { SandboxHandle } from './start-pod.ts';
import { graceSecondsOf, removeSandboxes, stopContainer, stopContainers } from './stop-pod.ts';
import { readTerminationMessages } from './termination-messages.ts';

/** One pass starts what can start; init containers and restarts need a few. */
const mostPasses = 20;
const volumeRetryMs = 2_000;

/** Syncs a pod that shall run. Answers when to look again. */
export async function syncPod(
  parts: KubeletParts,
  record: PodRecord,
  signal: AbortSignal,
): Promise<{ requeueAfterMs?: number }> {
  for (let pass = 0; pass < mostPasses; pass++) {
    signal.throwIfAborted();
    await takeUpResize(parts, record);
    const view = viewPod(parts.observations.of(record.uid));
    if (view.sandbox?.state === 'running' && record.podIps.length === 0)
      await connectSandbox(parts, record, view.sandbox.id, view.sandbox);
    parts.prober.sync(record.pod, view, record.podIps[0] ?? '', wasReadyIn(record));
    const isOver = isTerminalPhase(record.status?.phase ?? record.pod.status?.phase) || record.verdict !== undefined;
    const plan: PodPlan = isOver ? nothingLeft : planPod(record.pod, view, healthOf(parts, record));
    await publish(parts, record, view, plan);
    if (plan.isDone) return finishPod(parts, record, signal);
    if (isIdle(plan)) {
      if (await resizePod(parts, record, signal)) continue;
      return waitFor(parts, record, plan);
    }
    const retryAfterMs = await carryOut(parts, record, plan, view, signal);
    if (retryAfterMs !== undefined) {
      await publish(parts, record, viewPod(parts.observations.of(record.uid)), plan);
      return { requeueAfterMs: retryAfterMs };
    }
  }
  return { requeueAfterMs: 0 };
}

const nothingLeft: PodPlan = { isDone: true, stop: [], start: [], remove: [], backoff: new Map() };

function isIdle({ start, stop, remove, sandboxAttempt }: PodPlan): boolean {
  return start.length + stop.length + remove.length === 0 && sandboxAttempt === undefined;
}

/** Ends what still runs of a pod that has run its course; its ended containers stay, for their logs. */
async function finishPod(
  parts: KubeletParts,
  record: PodRecord,
  signal: AbortSignal,
): Promise<{ requeueAfterMs?: number }> {
  parts.prober.stop(record.uid);
  const graceSeconds = Math.min(graceSecondsOf(record.pod), record.verdict?.graceSeconds ?? Infinity);
  await stopContainers(parts, record, graceSeconds, signal);
  if (parts.observations.of(record.uid).some(({ kind }) => kind === 'sandbox'))
    await removeSandboxes(parts, record.uid);
  await publish(parts, record, viewPod(parts.observations.of(record.uid)), nothingLeft);
  // The pod may stay for as long as nobody deletes it: the disk need not.
  await parts.volumes.release(record.uid);
  return {};
}

function waitFor({ clock }: KubeletParts, record: PodRecord, { backoff }: PodPlan): { requeueAfterMs?: number } {
  const { activeDeadlineSeconds } = record.pod.spec;
  const startedMs = Date.parse(record.status?.startTime ?? '') || record.firstSeenMs;
  const times = [
    ...backoff.values(),
    ...(activeDeadlineSeconds === undefined ? [] : [startedMs + activeDeadlineSeconds * 1000]),
  ];
  if (record.resize !== undefined) times.push(clock.now() + resizeRetryMs);
  if (times.length === 0) return {};
  return { requeueAfterMs: Math.max(Math.min(...times) - clock.now(), 0) + 1 };
}

/** Does what the plan says. Answers after how long to try again when something failed. */
async function carryOut(
  parts: KubeletParts,
  record: PodRecord,
  plan: PodPlan,
  view: PodView,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { prober, runtime, observations } = parts;
  await Promise.all(
    plan.stop.map(({ observed, container, reason }) => {
      const graceSeconds = prober.graceSeconds(observed.id) ?? graceSecondsOf(record.pod);
      return stopContainer(parts, record, observed, container, { graceSeconds, message: reason, signal });
    }),
  );
  for (const { id } of plan.remove) {
    await runtime.remove(id);
    await observations.refresh(id);
  }
  if (plan.sandboxAttempt === undefined && plan.start.length === 0) return undefined;
  const volumes = await prepareVolumes(parts, record, signal);
  if (volumes === undefined) return volumeRetryMs;
  if (plan.sandboxAttempt !== undefined)
    return startWithSandbox(parts, record, plan, plan.sandboxAttempt, volumes, signal);
  const sandbox: SandboxHandle = { id: view.sandbox?.id ?? '', ready: Promise.resolve() };
  return startAll(parts, record, plan, sandbox, volumes, signal);
}

async function prepareVolumes(
  parts: KubeletParts,
  record: PodRecord,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, PreparedVolume> | undefined> {
  const facts = volumeFacts(parts, record, signal);
  try {
    return await parts.volumes.prepare(record.pod, facts);
  } catch (error) {
    parts.record(record.pod, 'Warning', 'FailedMount', error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

/** A new sandbox and, in the same turn, the containers that need nothing else. */
async function startWithSandbox(
  parts: KubeletParts,
  record: PodRecord,
  plan: PodPlan,
  attempt: number,
  volumes: ReadonlyMap<string, PreparedVolume>,
  signal: AbortSignal,
): Promise<number | undefined> {
  const images = await Promise.all(
    plan.start.map(({ container }) => parts.puller.present(container).catch(() => undefined)),
  );
  const isQuick = plan.start.every(
    ({ container }, index) => images[index] !== undefined && canOverlap(container) && !hasHook(container),
  );
  record.podIps = [];
  return parts.gate.run('last', async () => {
    signal.throwIfAborted();
    let sandbox: SandboxHandle;
    try {
      sandbox = await createSandbox(parts, record, attempt);
      if (!isQuick) {
        await sandbox.ready;
        return undefined;
      }
      const outcomes = await Promise.all(
        plan.start.map((action, index) =>
          startContainer(parts, record, action, { sandbox, volumes, image: images[index], signal }),
        ),
      );
      await sandbox.ready;
      return soonest(outcomes);
    } catch (error) {
      signal.throwIfAborted();
      const words = error instanceof Error ? error.message : String(error);
      parts.record(record.pod, 'Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${words}`);
      throw error;
    }
  });
}

/** In the order of the spec when a hook must come before the next container, else together. */
async function startAll(
  parts: KubeletParts,
  record: PodRecord,
  plan: PodPlan,
  sandbox: SandboxHandle,
  volumes: ReadonlyMap<string, PreparedVolume>,
  signal: AbortSignal,
): Promise<number | undefined> {
  const start = async (action: PodPlan['start'][number]): Promise<{ retryAfterMs: number } | undefined> => {
    const image = await parts.puller.present(action.container).catch(() => undefined);
    const begin = (): ReturnType<typeof startContainer> =>
      startContainer(parts, record, action, { sandbox, volumes, image, signal });
    // A pull or a hook may take minutes; it must not hold a place.
    return image === undefined || hasHook(action.container) ? begin() : parts.gate.run('first', begin);
  };
  if (!plan.start.some(({ container }) => hasHook(container))) return soonest(await Promise.all(plan.start.map(start)));
  const outcomes: ({ retryAfterMs: number } | undefined)[] = [];
  for (const action of plan.start) outcomes.push(await start(action));
  return soonest(outcomes);
}

function hasHook(container: PodPlan['start'][number]['container']): boolean {
  return container.lifecycle?.postStart !== undefined;
}

function soonest(outcomes: readonly ({ retryAfterMs: number } | undefined)[]): number | undefined {
  const waits = outcomes.flatMap((outcome) => (outcome === undefined ? [] : [outcome.retryAfterMs]));
  return waits.length === 0 ? undefined : Math.min(...waits);
}

function healthOf({ prober, backoff, clock }: KubeletParts, { uid }: PodRecord): PodHealth {
  return {
    failure: (id) => prober.failure(id),
    hasStarted: (id) => prober.hasStarted(id),
    waitUntilMs: (name, finishedAtMs) => backoff.waitUntilMs(`${uid}/${name}`, finishedAtMs, clock.now()),
  };
}

/** Computes the pod's status and hands it to the writer. */
export async function publish(
  parts: KubeletParts,
  record: PodRecord,
  view: PodView,
  plan: PodPlan,
): Promise<PodStatus> {
  const { prober, node, clock } = parts;
  await readTerminationMessages(record.pod, view, record.messages, parts.runtime);
  const pod = { ...podWithStatus(record), spec: allocatedPod(record).spec };
  const unsettled = planResize(pod, view, resourceFacts(parts)).map(({ observed }) => observed.id);
  const status = podStatus(pod, {
    view,
    isDone: plan.isDone && runningContainers(view).length === 0,
    podIps: record.podIps.length > 0 ? record.podIps : (pod.status?.podIPs ?? []).map(({ ip }) => ip),
    hostIps: node.hostIps,
    startTimeMs: record.firstSeenMs,
    nowMs: clock.now(),
    waiting: waitingOf(parts, record, plan),
    isReady: (id) => prober.isReady(id),
    hasStarted: (id) => prober.hasStarted(id),
    messageOf: (id) => record.messages.get(id),
    recursiveReadOnly: node.recursiveReadOnly,
    resize: record.resize,
    unsettled: new Set(unsettled),
    ...(record.verdict !== undefined && { verdict: record.verdict }),
  });
  record.status = status;
  const target = parts.mirrors.targetOf(record.pod);
  if (target !== undefined) parts.status.set(target, status);
  return status;
}

function waitingOf(parts: KubeletParts, record: PodRecord, plan: PodPlan): Map<string, Waiting> {
  const waiting = new Map<string, Waiting>();
  const { metadata } = record.pod;
  for (const { container } of plan.start) {
    const error = record.startErrors.get(container.name);
    if (error !== undefined) waiting.set(container.name, error);
  }
  for (const [name, untilMs] of plan.backoff) {
    const delay = `${parts.backoff.delayMs(`${record.uid}/${name}`) / 1000}s`;
    const where = `pod=${metadata.name}_${metadata.namespace}(${record.uid})`;
    const message = `back-off ${delay} restarting failed container=${name} ${where}`;
    waiting.set(name, { reason: 'CrashLoopBackOff', message });
    if (record.toldBackoff.get(name) === untilMs) continue;
    record.toldBackoff.set(name, untilMs);
    const told = `Back-off restarting failed container ${name} in pod ${metadata.name}_${metadata.namespace}(${record.uid})`;
    parts.record(record.pod, 'Warning', 'BackOff', told, fieldPathOf(record.pod, name));
  }
  return waiting;
}

/** Containers that the API already showed as ready, when this agent found them running. */
function wasReadyIn(record: PodRecord): (containerId: string) => boolean {
  if (!record.isAdopted) return () => false;
  const { initContainerStatuses = [], containerStatuses = [] } = record.pod.status ?? {};
  const ready = new Set(
    [...initContainerStatuses, ...containerStatuses]
      .filter((status) => status.ready)
      .map(({ containerID = '' }) => runtimeContainerId(containerID)),
  );
  return (containerId) => ready.has(containerId);
}

/** The pod has run longer than it may. */
export function deadlineVerdict(record: PodRecord, nowMs: number): PodRecord['verdict'] {
  const { activeDeadlineSeconds } = record.pod.spec;
  const startedMs = Date.parse(
    record.status?.startTime ?? record.pod.status?.startTime ?? formatTime(record.firstSeenMs),
  );
  if (activeDeadlineSeconds === undefined || nowMs < startedMs + activeDeadlineSeconds * 1000) return undefined;
  return {
    phase: 'Failed',
    reason: 'DeadlineExceeded',
    message: 'Pod was active on the node longer than the specified deadline',
  };
}
