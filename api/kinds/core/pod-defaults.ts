// Defaults of a Pod that concern several of its fields. They hold for pods, not for templates of pods.
import type { Pod } from './pod.ts';
import type { Container } from './container.ts';
import type { ResourceRequirements } from './resource-requirements.ts';

/** Requests come from limits; host ports from container ports on the host's network. */
export function fillPod(pod: Pod): void {
  const { spec } = pod;
  if (spec === undefined) return;
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  for (const { resources } of containers) requestLimits(resources);
  requestLimits(spec.resources);
  spec.enableServiceLinks ??= true;
  if (spec.hostNetwork === true) for (const container of containers) exposeOnHost(container);
}

function requestLimits(resources: ResourceRequirements | undefined): void {
  if (resources?.limits !== undefined) resources.requests = { ...resources.limits, ...resources.requests };
}

function exposeOnHost(container: Container): void {
  for (const port of container.ports ?? []) port.hostPort ||= port.containerPort;
}
