// Pods as tests write them, and what tests ask of them.
import { busyboxImage } from '../../agent/testing/docker-daemon.ts';
import type { Container, ContainerStatus, Pod } from '../../api/kinds/core/index.ts';

export const shell = (script: string, differs: Partial<Container> = {}): Container => ({
  name: 'app',
  image: busyboxImage,
  command: ['sh', '-c', script],
  ...differs,
});
export const statusOf = (pod: Pod, name = 'app'): ContainerStatus | undefined =>
  [
    ...(pod.status?.containerStatuses ?? []),
    ...(pod.status?.initContainerStatuses ?? []),
    ...(pod.status?.ephemeralContainerStatuses ?? []),
  ].find((status) => status.name === name);
export const isReady = (pod: Pod): boolean =>
  pod.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
export const hasPhase =
  (phase: string) =>
  (pod: Pod): boolean =>
    pod.status?.phase === phase;
