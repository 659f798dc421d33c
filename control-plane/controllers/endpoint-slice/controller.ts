// Keeps the EndpointSlices of every Service with a selector; those of other Services are their owners' business.
import type { Pod, Service } from '../../../api/kinds/core/index.ts';
import type { EndpointSlice } from '../../../api/kinds/discovery/index.ts';
import type { Informer } from '../../../machinery/informer.ts';
import type { Change } from '../../../machinery/informer.ts';
import type { ControllerContext } from '../context.ts';
import { nodes, pods, services } from '../../../api/kinds/core/index.ts';
import { endpointSlices } from '../../../api/kinds/discovery/index.ts';
import { keyOf } from '../../../api/meta/object-meta.ts';
import { runController, watchFor } from '../../../machinery/controller.ts';
import { createExpectations } from '../expectations.ts';
import { isSame } from '../same.ts';
import { hasSelector, relevantFacts, selects } from './facts.ts';
import { hintFacts, isTopologyAware, zoneCpusOf } from './hints.ts';
import { managedBy, managedByLabel, planEndpointSlices, serviceNameLabel } from './plan.ts';
import type { EndpointSlicePlan } from './plan.ts';

const zoneLabel = 'topology.kubernetes.io/zone';

/** Names the Services behind which a changed pod stands, or stood; none when nothing changed that they look at. */
export function servicesOfPod(
  serviceInformer: Informer<Service>,
): (pod: Readonly<Pod>, change: Change<Pod>) => string[] {
  return (pod, { current, previous }) => {
    if (current && previous && isSame(relevantFacts(current), relevantFacts(previous))) return [];
    return serviceInformer
      .list(pod.metadata.namespace)
      .filter((service) => selects(service, pod))
      .map(keyOf);
  };
}

function hasHints({ endpoints }: { readonly endpoints?: readonly { readonly hints?: object }[] }): boolean {
  return (endpoints ?? []).some(({ hints }) => hints !== undefined);
}

/** Runs until the context's signal aborts. */
export function runEndpointSliceController(context: ControllerContext): Promise<void> {
  const { client, informers, clock, signal, logger } = context;
  const serviceInformer = informers.of(services);
  const podInformer = informers.of(pods);
  const nodeInformer = informers.of(nodes);
  const sliceInformer = informers.of(endpointSlices, {
    service: ({ metadata: { namespace, labels } }) =>
      labels?.[managedByLabel] === managedBy && labels[serviceNameLabel]
        ? [`${namespace}/${labels[serviceNameLabel]}`]
        : [],
  });
  const expectations = createExpectations(sliceInformer);
  const recorder = context.recorder('endpoint-slice-controller');
  const zoneOf = (nodeName: string): string | undefined => nodeInformer.get(nodeName)?.metadata.labels?.[zoneLabel];

  const tellHints = (
    service: Readonly<Service>,
    before: readonly Readonly<EndpointSlice>[],
    plan: EndpointSlicePlan,
  ): void => {
    const changed = [...plan.create, ...plan.update];
    if (plan.hintProblem) {
      if (changed.length > 0) recorder.record(service, 'Warning', 'TopologyAwareHintsDisabled', plan.hintProblem);
    } else if (!before.some(hasHints) && changed.some(hasHints)) {
      const message = 'Topology Aware Hints has been enabled';
      recorder.record(service, 'Normal', 'TopologyAwareHintsEnabled', message);
    }
  };

  return runController({
    name: 'endpointslice',
    sources: [
      watchFor(serviceInformer),
      watchFor(podInformer, servicesOfPod(serviceInformer)),
      watchFor(sliceInformer, ({ metadata: { namespace, labels } }) =>
        labels?.[managedByLabel] === managedBy && labels[serviceNameLabel]
          ? [`${namespace}/${labels[serviceNameLabel]}`]
          : [],
      ),
      watchFor(nodeInformer, (_node, { current, previous }) =>
        isSame(hintFacts(current), hintFacts(previous))
          ? []
          : serviceInformer.list().filter(isTopologyAware).map(keyOf),
      ),
    ],
    workers: 5,
    clock,
    logger,
    signal,
    async reconcile(key) {
      const service = serviceInformer.get(key);
      if (service === undefined) return expectations.forget(key); // the slices are garbage collected with their owner
      if (!hasSelector(service) || service.metadata.deletionTimestamp !== undefined) return;
      if (!expectations.areMet(key)) return { requeueAfterMs: 1_000 };
      const selected = podInformer.list(service.metadata.namespace).filter((pod) => selects(service, pod));
      const slices = sliceInformer.byIndex('service', key);
      const zoneCpus = isTopologyAware(service) ? zoneCpusOf(nodeInformer.list()) : undefined;
      const plan = planEndpointSlices(service, selected, slices, zoneOf, zoneCpus);
      if (isTopologyAware(service)) tellHints(service, slices, plan);
      const api = client.resource(endpointSlices, service.metadata.namespace);
      const results = await Promise.allSettled([
        ...plan.create.map(async (slice) => expectations.wrote(key, await api.create(slice, { signal }))),
        ...plan.update.map(async (slice) => expectations.wrote(key, await api.update(slice, { signal }))),
        ...plan.delete.map(async (slice) => {
          await api.delete(slice.metadata.name, { preconditions: { uid: slice.metadata.uid }, signal });
          expectations.deleted(key, slice);
        }),
      ]);
      const failed = results.find((result) => result.status === 'rejected');
      if (failed === undefined) return;
      recorder.record(
        service,
        'Warning',
        'FailedToUpdateEndpointSlices',
        `Error updating Endpoint Slices for Service ${key}: ${String(failed.reason)}`,
      );
      throw failed.reason;
    },
  });
}
