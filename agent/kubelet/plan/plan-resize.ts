// Which running containers must get other limits because the pod's resources were changed in place, which have to be
// restarted for it by their own resize policy, and how the pod's conditions tell it. Pure.
import type { Container, Pod, PodCondition } from '../../../api/kinds/core/index.ts';
import type { ContainerResources, ObservedContainer } from '../../runtime/container-runtime.ts';
import { containerResources } from '../containers/resources.ts';
import type { ResourceFacts } from '../containers/resources.ts';
import { current, isSidecar } from './pod-view.ts';
import type { PodView } from './pod-view.ts';

export interface ResizeAction {
  readonly observed: ObservedContainer;
  readonly container: Container;
  readonly resources: ContainerResources;
  readonly needsRestart: boolean;
  /** The container would have less memory than now. */
  readonly lowersMemory: boolean;
}

/** Where a change of a pod's resources stands; absent when nothing is under way. */
export interface ResizeState {
  /** The generation of the pod that asked for it. */
  readonly generation: number;
  /** Not given (yet): the node has not enough. */
  readonly pending?: { readonly reason: string; readonly message: string };
  /** Given, and the containers do not all run by it yet. */
  readonly inProgress: boolean;
  /** Why it could not be carried out; it is tried again. */
  readonly error?: string;
}

const cpuLimits = ['cpuShares', 'cpuQuotaMicros'] as const;

/** `pod` is the pod as it was allocated. */
export function planResize(pod: Readonly<Pod>, view: PodView, facts: ResourceFacts): ResizeAction[] {
  return resizable(pod).flatMap((container) => {
    const observed = current(view, container.name);
    if (observed?.state !== 'running') return [];
    const resources = containerResources(pod, container, facts);
    const cpuDiffers = cpuLimits.some((limit) => resources[limit] !== observed.resources[limit]);
    const memoryDiffers = resources.memoryBytes !== observed.resources.memoryBytes;
    if (!cpuDiffers && !memoryDiffers) return [];
    const restartsFor = (name: string): boolean =>
      container.resizePolicy?.find(({ resourceName }) => resourceName === name)?.restartPolicy === 'RestartContainer';
    const needsRestart = (cpuDiffers && restartsFor('cpu')) || (memoryDiffers && restartsFor('memory'));
    const lowersMemory = (resources.memoryBytes ?? Infinity) < (observed.resources.memoryBytes ?? Infinity);
    return [{ observed, container, resources, needsRestart, lowersMemory }];
  });
}

/** Whether every container that can be resized runs; one that restarts for a resize is not done with it. */
export function allRun(pod: Readonly<Pod>, view: PodView): boolean {
  return resizable(pod).every(({ name }) => current(view, name)?.state === 'running');
}

function resizable(pod: Readonly<Pod>): Container[] {
  return [...(pod.spec.initContainers ?? []).filter(isSidecar), ...pod.spec.containers];
}

export const resizeConditionTypes = ['PodResizePending', 'PodResizeInProgress'] as const;

/** The conditions that tell where the resize stands. */
export function resizeConditions(state: ResizeState | undefined): Omit<PodCondition, 'lastTransitionTime'>[] {
  if (state === undefined) return [];
  const { pending, inProgress, error, generation: observedGeneration } = state;
  const [pendingType, progressType] = resizeConditionTypes;
  return [
    ...(pending === undefined ? [] : [{ type: pendingType, status: 'True', ...pending, observedGeneration }]),
    ...(inProgress
      ? [
          {
            type: progressType,
            status: 'True',
            ...(error !== undefined && { reason: 'Error', message: error }),
            observedGeneration,
          },
        ]
      : []),
  ];
}
