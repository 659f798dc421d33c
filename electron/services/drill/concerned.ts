// What a drill concerns: the pods it follows, and the Services it takes every endpoint of. Pure.
import type { Pod } from '../../../api/kinds/core/index.ts';
import type { Endpoint, EndpointSlice } from '../../../api/kinds/discovery/index.ts';
import { controllerOf } from '../../../api/meta/object-meta.ts';
import { podReason, podState } from '../projections/pod.ts';
import type { DrillFacts } from './facts.ts';

const serviceLabel = 'kubernetes.io/service-name';

/** Services whose every ready endpoint is concerned by the drill. */
export function servicesLost({ slices, target }: Pick<DrillFacts, 'slices' | 'target'>): string[] {
  const fails = ({ targetRef, nodeName }: Endpoint, namespace: string): boolean =>
    target.kind === 'pod'
      ? targetRef?.name === target.name && namespace === target.namespace
      : nodeName === target.machine;
  const stays = new Map<string, boolean>();
  for (const { service, namespace, ready } of readyEndpoints(slices)) {
    if (ready.length === 0) continue;
    const key = `${namespace}/${service}`;
    stays.set(key, stays.get(key) === true || ready.some((endpoint) => !fails(endpoint, namespace)));
  }
  return [...stays].filter(([, does]) => !does).map(([key]) => key);
}

/** The ready endpoints of every slice of a Service. */
export function readyEndpoints(
  slices: Iterable<Readonly<EndpointSlice>>,
): { service: string; namespace: string; ready: Endpoint[] }[] {
  return [...slices].flatMap(({ metadata, endpoints }) => {
    const service = metadata.labels?.[serviceLabel];
    if (service === undefined) return [];
    const ready = (endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false);
    return [{ service, namespace: metadata.namespace ?? '', ready }];
  });
}

/** Whether a drill follows the pod: it works, and does not end by nature. */
export function isFollowed(pod: Pod): boolean {
  return podState(pod, podReason(pod)) === 'running' && controllerOf(pod)?.kind !== 'Job';
}
