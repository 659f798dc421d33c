// Keeps the Endpoints object of every Service with a selector, for clients that do not read EndpointSlices.
import type { Endpoints } from '../../../api/kinds/core/index.ts';
import type { ControllerContext } from '../context.ts';
import { endpoints, pods, services } from '../../../api/kinds/core/index.ts';
import { isApiError } from '../../../api/meta/status.ts';
import { runController, watchFor } from '../../../machinery/controller.ts';
import { servicesOfPod } from '../endpoint-slice/controller.ts';
import { hasSelector, selects } from '../endpoint-slice/facts.ts';
import { planEndpoints } from './plan.ts';

/** Runs until the context's signal aborts. */
export function runEndpointsController(context: ControllerContext): Promise<void> {
  const { client, informers, clock, signal, logger } = context;
  const serviceInformer = informers.of(services);
  const podInformer = informers.of(pods);
  const endpointsInformer = informers.of(endpoints);
  // An Endpoints object whose Service has gone is ours to remove only when we have seen the Service.
  const managed = new Set<string>();

  return runController({
    name: 'endpoints',
    sources: [
      watchFor(serviceInformer),
      watchFor(podInformer, servicesOfPod(serviceInformer)),
      watchFor(endpointsInformer),
    ],
    workers: 5,
    clock,
    logger,
    signal,
    async reconcile(key) {
      const service = serviceInformer.get(key);
      const present = endpointsInformer.get(key);
      const [namespace = '', name = ''] = key.split('/');
      const api = client.resource(endpoints, namespace);
      if (service === undefined) {
        const isOurs =
          managed.delete(key) ||
          present?.metadata.labels?.['endpoints.kubernetes.io/managed-by'] === 'endpoint-controller';
        if (present === undefined || !isOurs) return;
        await api.delete(name, { preconditions: { uid: present.metadata.uid }, signal }).catch((error: unknown) => {
          if (!isApiError(error, 'NotFound')) throw error;
        });
        return;
      }
      if (!hasSelector(service) || service.metadata.deletionTimestamp !== undefined) return;
      managed.add(key);
      const selected = podInformer.list(namespace).filter((pod) => selects(service, pod));
      const next = planEndpoints(service, selected, present);
      if (next === undefined) return;
      if (present === undefined) await api.create(next, { signal });
      else await api.update(next as Endpoints, { signal });
    },
  });
}
