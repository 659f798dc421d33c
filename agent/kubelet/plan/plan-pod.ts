// What has to happen for a pod to be as its spec says, given what runs. Pure: the whole decision about sandboxes, init
// containers, sidecars, restarts and back-off is here; sync-pod.ts only carries it out. Follows upstream's
// computePodActions (pkg/kubelet/kuberuntime).
import type { Container, EphemeralContainer, Pod } from '../../../api/kinds/core/index.ts';
import type { ObservedContainer } from '../../runtime/container-runtime.ts';
import { current, isSidecar, latest, noteKeys, runningContainers } from './pod-view.ts';
import type { ContainerGroup, PodView } from './pod-view.ts';
import { shouldRestart } from './restart-policy.ts';

/** What probes and back-off know about the pod's containers. */
export interface PodHealth {
  /** A liveness or startup probe gave the running container up; the sentence says which. */
  failure(containerId: string): string | undefined;
  /** Its startup probe has passed (or it has none). */
  hasStarted(containerId: string): boolean;
  /** Until when the container must wait after that exit. */
  waitUntilMs(containerName: string, finishedAtMs: number): number | undefined;
}

export interface StartAction {
  readonly container: Container | EphemeralContainer;
  readonly group: ContainerGroup;
  readonly attempt: number;
  /** When the previous attempt ended; absent on a first start. */
  readonly previousFinishedAtMs?: number;
}

export interface StopAction {
  readonly observed: ObservedContainer;
  readonly container: Container | EphemeralContainer;
  readonly reason: string;
}

export interface PodPlan {
  /** Nothing more will run: stop what runs, then the sandbox. */
  readonly isDone: boolean;
  /** Make a new sandbox with this attempt, after stopping everything in the old one. */
  readonly sandboxAttempt?: number;
  readonly stop: readonly StopAction[];
  readonly start: readonly StartAction[];
  /** Left over: never started, or too old to keep. */
  readonly remove: readonly ObservedContainer[];
  /** Containers in back-off and until when. */
  readonly backoff: ReadonlyMap<string, number>;
}

/** Attempts of each container that are kept: the present one and, for its last state and log, the one before. */
const keptAttempts = 2;

interface Draft {
  readonly stop: StopAction[];
  readonly start: StartAction[];
  readonly backoff: Map<string, number>;
  kept: number;
  failed: boolean;
}

export function planPod(pod: Readonly<Pod>, view: PodView, health: PodHealth): PodPlan {
  const remove = leftovers(view);
  const sandboxRuns = view.sandbox?.state === 'running';
  const draft: Draft = { stop: [], start: [], backoff: new Map(), kept: 0, failed: false };
  if (!sandboxRuns) return planNewSandbox(pod, view, health, draft, remove);
  const isInitialized = planInit(pod, view, health, draft);
  if (isInitialized) {
    for (const container of pod.spec.containers) planContainer(pod, view, health, draft, container, 'app');
  }
  const appsLeft = draft.kept + draft.start.length + draft.backoff.size > 0 || !isInitialized;
  if (draft.failed || !appsLeft) return { isDone: true, stop: [], start: [], remove, backoff: new Map() };
  if (isInitialized) planSidecars(pod, view, health, draft);
  planEphemeral(pod, view, draft);
  return { isDone: false, stop: draft.stop, start: draft.start, remove, backoff: draft.backoff };
}

function planNewSandbox(
  pod: Readonly<Pod>,
  view: PodView,
  health: PodHealth,
  draft: Draft,
  remove: readonly ObservedContainer[],
): PodPlan {
  for (const container of pod.spec.containers) planContainer(pod, view, health, draft, container, 'app');
  const hasRun = pod.spec.containers.some(({ name }) => latest(view, name) !== undefined);
  const initFailed = (pod.spec.initContainers ?? []).some((container) => hasFailedForGood(pod, view, container));
  const nothingLeft = hasRun && draft.start.length + draft.backoff.size === 0;
  if (nothingLeft || initFailed) return { isDone: true, stop: [], start: [], remove, backoff: new Map() };
  const [firstInit] = pod.spec.initContainers ?? [];
  const start: StartAction[] = firstInit === undefined ? draft.start : [startOf(view, firstInit, 'init')];
  const oldSandboxes = [...(view.sandbox === undefined ? [] : [view.sandbox]), ...view.olderSandboxes];
  return {
    isDone: false,
    sandboxAttempt: view.sandbox === undefined ? 0 : view.sandbox.attempt + 1,
    stop: runningContainers(view).flatMap((observed) => {
      const container = pod.spec.containers.find(({ name }) => name === observed.containerName);
      return container === undefined ? [] : [{ observed, container, reason: 'Pod sandbox changed.' }];
    }),
    start,
    remove: [...remove.filter(({ id }) => oldSandboxes.every((old) => old.id !== id)), ...oldSandboxes],
    backoff: firstInit === undefined ? draft.backoff : new Map(),
  };
}

/** Brings init containers on by one step. True when the pod's own containers may run. */
function planInit(pod: Readonly<Pod>, view: PodView, health: PodHealth, draft: Draft): boolean {
  if (pod.spec.containers.some(({ name }) => current(view, name) !== undefined)) return true;
  for (const container of pod.spec.initContainers ?? []) {
    const observed = current(view, container.name);
    if (observed?.state === 'exited' && !isSidecar(container)) {
      if (observed.exitCode === 0) continue;
      if (!shouldRestart(pod, container, 'init', observed.exitCode ?? 1)) {
        draft.failed = true;
        return false;
      }
    }
    const startsBefore = draft.start.length;
    planContainer(pod, view, health, draft, container, 'init');
    const isUp = observed?.state === 'running' && isSidecar(container) && health.hasStarted(observed.id);
    if (!isUp || draft.start.length > startsBefore) return false;
  }
  draft.kept = 0;
  return true;
}

/** Sidecars of an initialized pod run for as long as the pod does. */
function planSidecars(pod: Readonly<Pod>, view: PodView, health: PodHealth, draft: Draft): void {
  for (const container of (pod.spec.initContainers ?? []).filter(isSidecar)) {
    if (draft.start.some((action) => action.container.name === container.name)) continue;
    planContainer(pod, view, health, draft, container, 'init');
  }
}

function planEphemeral(pod: Readonly<Pod>, view: PodView, draft: Draft): void {
  for (const container of pod.spec.ephemeralContainers ?? []) {
    if (latest(view, container.name) === undefined) draft.start.push({ container, group: 'ephemeral', attempt: 0 });
  }
}

function planContainer(
  pod: Readonly<Pod>,
  view: PodView,
  health: PodHealth,
  draft: Draft,
  container: Container,
  group: ContainerGroup,
): void {
  const observed = latest(view, container.name);
  if (observed === undefined || observed.state === 'created') {
    draft.start.push(startOf(view, container, group));
    return;
  }
  if (observed.state === 'running' && current(view, container.name) !== undefined) {
    const reason = stopReason(container, observed, health);
    // What is stopped now is seen as ended in the next pass, and restarts by its policy; a changed image always does.
    if (reason !== undefined) draft.stop.push({ observed, container, reason });
    draft.kept++;
    return;
  }
  const exitCode = observed.state === 'running' ? 137 : (observed.exitCode ?? 1);
  const imageChanged = (observed.annotations[noteKeys.image] ?? container.image) !== container.image;
  if (!imageChanged && !shouldRestart(pod, container, group, exitCode)) return;
  const finishedAtMs = observed.finishedAtMs ?? observed.createdAtMs;
  const untilMs = imageChanged ? undefined : health.waitUntilMs(container.name, finishedAtMs);
  if (untilMs !== undefined) draft.backoff.set(container.name, untilMs);
  else draft.start.push(startOf(view, container, group));
}

function stopReason(container: Container, observed: ObservedContainer, health: PodHealth): string | undefined {
  const { name } = container;
  if ((observed.annotations[noteKeys.image] ?? container.image) !== container.image) {
    return `Container ${name} definition changed, will be restarted`;
  }
  const failure = health.failure(observed.id);
  return failure === undefined ? undefined : `Container ${name} failed ${failure}, will be restarted`;
}

function startOf(view: PodView, container: Container, group: ContainerGroup): StartAction {
  const observed = latest(view, container.name);
  if (observed === undefined) return { container, group, attempt: 0 };
  if (observed.state === 'created') return { container, group, attempt: observed.attempt };
  const previousFinishedAtMs = observed.finishedAtMs ?? observed.createdAtMs;
  return { container, group, attempt: observed.attempt + 1, previousFinishedAtMs };
}

function hasFailedForGood(pod: Readonly<Pod>, view: PodView, container: Container): boolean {
  const observed = latest(view, container.name);
  if (observed?.state !== 'exited' || isSidecar(container) || observed.exitCode === 0) return false;
  return !shouldRestart(pod, container, 'init', observed.exitCode ?? 1);
}

function leftovers(view: PodView): ObservedContainer[] {
  const old = [...view.attempts.values()].flatMap((attempts) => [
    ...attempts.slice(0, keptAttempts).filter(({ state }) => state === 'created'),
    ...attempts.slice(keptAttempts).filter(({ state }) => state !== 'running'),
  ]);
  return [...old, ...view.olderSandboxes];
}
