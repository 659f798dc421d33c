// Mirrors Endpoints that somebody keeps by hand into EndpointSlices, which is what proxies and DNS read.
import type { ControllerContext } from '../context.ts';
import type { EndpointSlice } from '../../../api/kinds/discovery/index.ts';
import { endpoints, services } from '../../../api/kinds/core/index.ts';
import { endpointSlices } from '../../../api/kinds/discovery/index.ts';
import { runController, watchFor } from '../../../machinery/controller.ts';
import { hasSelector } from '../endpoint-slice/facts.ts';
import { managedByLabel, serviceNameLabel } from '../endpoint-slice/plan.ts';
import { createExpectations } from '../expectations.ts';
import { isMirrored, mirroredBy, planMirror } from './plan.ts';

function serviceOfSlice({ metadata: { namespace, labels } }: Readonly<EndpointSlice>): string[] {
  return labels?.[managedByLabel] === mirroredBy && labels[serviceNameLabel]
    ? [`${namespace}/${labels[serviceNameLabel]}`]
    : [];
}

/** Runs until the context's signal aborts. */
export function runEndpointSliceMirroringController(context: ControllerContext): Promise<void> {
  const { client, informers, clock, signal, logger } = context;
  const serviceInformer = informers.of(services);
  const endpointsInformer = informers.of(endpoints);
  const sliceInformer = informers.of(endpointSlices, { mirrored: serviceOfSlice });
  const expectations = createExpectations(sliceInformer);

  return runController({
    name: 'endpointslice-mirroring',
    sources: [watchFor(serviceInformer), watchFor(endpointsInformer), watchFor(sliceInformer, serviceOfSlice)],
    workers: 2,
    clock,
    logger,
    signal,
    async reconcile(key) {
      const own = endpointsInformer.get(key);
      if (own === undefined) return expectations.forget(key); // the slices are garbage collected with their owner
      if (!expectations.areMet(key)) return { requeueAfterMs: 1_000 };
      const service = serviceInformer.get(key);
      const isWanted = service !== undefined && !hasSelector(service) && isMirrored(own);
      const slices = sliceInformer.byIndex('mirrored', key);
      const plan = isWanted ? planMirror(own, slices) : { create: [], update: [], delete: slices };
      const api = client.resource(endpointSlices, own.metadata.namespace);
      for (const slice of plan.create) expectations.wrote(key, await api.create(slice, { signal }));
      for (const slice of plan.update) expectations.wrote(key, await api.update(slice, { signal }));
      for (const slice of plan.delete) {
        await api.delete(slice.metadata.name, { preconditions: { uid: slice.metadata.uid }, signal });
        expectations.deleted(key, slice);
      }
    },
  });
}
