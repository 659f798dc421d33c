// A pod's phase and conditions from its containers' statuses. Pure; upstream's getPhase and status/generate.go.
import type { ContainerStatus, Pod, PodCondition } from '../../../api/kinds/core/index.ts';
import { isSidecar } from './pod-view.ts';

export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

export interface StatusLists {
  readonly init: readonly ContainerStatus[];
  readonly app: readonly ContainerStatus[];
}

/** Whether the pod's phase is one that never changes again. */
export function isTerminalPhase(phase: string | undefined): boolean {
  return phase === 'Succeeded' || phase === 'Failed';
}

/** `isDone`: the plan says that nothing will be started again. */
export function phaseOf(pod: Readonly<Pod>, { init, app }: StatusLists, isDone: boolean): PodPhase {
  const policy = pod.spec.restartPolicy ?? 'Always';
  const plainInit = init.filter((_, index) => !isSidecarAt(pod, index));
  const initFailed = plainInit.some(({ state }) => (state?.terminated?.exitCode ?? 0) !== 0);
  if (initFailed && (policy === 'Never' || isDone)) return 'Failed';
  if (!plainInit.every(isSucceeded)) return 'Pending';
  const sidecarsPending = init.some(
    (status, index) => isSidecarAt(pod, index) && status.started !== true && status.state?.waiting !== undefined,
  );
  const waiting = app.filter(({ state }) => state?.waiting !== undefined);
  // A container that waits for its next attempt has run; one without a last state never did.
  const neverRan = waiting.filter(({ lastState }) => lastState?.terminated === undefined);
  if (neverRan.length > 0) return 'Pending';
  if (sidecarsPending && app.every(({ state }) => state?.running === undefined) && !isDone) return 'Pending';
  if (app.some(({ state }) => state?.running !== undefined)) return 'Running';
  if (!isDone) return 'Running';
  return app.every(isSucceeded) ? 'Succeeded' : 'Failed';
}

/** The conditions that the kubelet owns. `hasNetwork`: the sandbox runs and has its address. */
export function conditionsOf(
  pod: Readonly<Pod>,
  lists: StatusLists,
  phase: PodPhase,
  hasNetwork: boolean,
): Omit<PodCondition, 'lastTransitionTime'>[] {
  const containersReady = readyCondition('ContainersReady', pod, lists, phase);
  return [
    { type: 'PodReadyToStartContainers', status: hasNetwork ? 'True' : 'False' },
    initializedCondition(pod, lists, phase),
    withGates(pod, containersReady),
    containersReady,
    { type: 'PodScheduled', status: 'True' },
  ];
}

type Condition = Omit<PodCondition, 'lastTransitionTime'>;

function initializedCondition(pod: Readonly<Pod>, { init, app }: StatusLists, phase: PodPhase): Condition {
  const type = 'Initialized';
  if (phase === 'Succeeded') return { type, status: 'True', reason: 'PodCompleted' };
  const missing = init.filter((status, index) =>
    isSidecarAt(pod, index) ? status.started !== true : !isSucceeded(status),
  );
  const hasBegun = app.some(
    ({ state, lastState }) => state?.waiting === undefined || lastState?.terminated !== undefined,
  );
  if (missing.length === 0 || hasBegun) return { type, status: 'True' };
  const names = missing.map(({ name }) => name).join(' ');
  return {
    type,
    status: 'False',
    reason: 'ContainersNotInitialized',
    message: `containers with incomplete status: [${names}]`,
  };
}

function readyCondition(type: string, pod: Readonly<Pod>, { init, app }: StatusLists, phase: PodPhase): Condition {
  if (phase === 'Succeeded') return { type, status: 'False', reason: 'PodCompleted' };
  if (phase === 'Failed') return { type, status: 'False', reason: 'PodFailed' };
  const sidecars = init.filter((_, index) => isSidecarAt(pod, index));
  const unready = [...sidecars, ...app].filter(({ ready }) => !ready).map(({ name }) => name);
  if (unready.length === 0) return { type, status: 'True' };
  return {
    type,
    status: 'False',
    reason: 'ContainersNotReady',
    message: `containers with unready status: [${unready.join(' ')}]`,
  };
}

function withGates(pod: Readonly<Pod>, containersReady: Condition): Condition {
  if (containersReady.status !== 'True') return { ...containersReady, type: 'Ready' };
  const conditions = pod.status?.conditions ?? [];
  const closed = (pod.spec.readinessGates ?? []).filter(
    ({ conditionType }) => conditions.find(({ type }) => type === conditionType)?.status !== 'True',
  );
  if (closed.length === 0) return { type: 'Ready', status: 'True' };
  const message = closed
    .map(
      ({ conditionType }) =>
        `corresponding condition of pod readiness gate "${conditionType}" does not exist or is not True.`,
    )
    .join(' ');
  return { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady', message };
}

function isSidecarAt(pod: Readonly<Pod>, index: number): boolean {
  const container = pod.spec.initContainers?.[index];
  return container !== undefined && isSidecar(container);
}

function isSucceeded({ state }: ContainerStatus): boolean {
  return state?.terminated?.exitCode === 0;
}
