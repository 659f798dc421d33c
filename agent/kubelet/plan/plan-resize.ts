// Which running containers must get other limits because the pod's resources were changed in place, and which have to be
// restarted for it by their own resize policy. Pure.
import type { Container, Pod } from '../../../api/kinds/core/index.ts';
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
}

const cpuLimits = ['cpuShares', 'cpuQuotaMicros'] as const;

export function planResize(pod: Readonly<Pod>, view: PodView, facts: ResourceFacts): ResizeAction[] {
  const resizable = [...(pod.spec.initContainers ?? []).filter(isSidecar), ...pod.spec.containers];
  return resizable.flatMap((container) => {
    const observed = current(view, container.name);
    if (observed?.state !== 'running') return [];
    const resources = containerResources(pod, container, facts);
    const cpuDiffers = cpuLimits.some((limit) => resources[limit] !== observed.resources[limit]);
    const memoryDiffers = resources.memoryBytes !== observed.resources.memoryBytes;
    if (!cpuDiffers && !memoryDiffers) return [];
    const restartsFor = (name: string): boolean =>
      container.resizePolicy?.find(({ resourceName }) => resourceName === name)?.restartPolicy === 'RestartContainer';
    const needsRestart = (cpuDiffers && restartsFor('cpu')) || (memoryDiffers && restartsFor('memory'));
    return [{ observed, container, resources, needsRestart }];
  });
}
