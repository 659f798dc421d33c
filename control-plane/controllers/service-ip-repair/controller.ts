// Mends what crashes and hands leave behind between Services and their addresses: an IPAddress that is missing, one whose
// Service is gone, one that names another. It never changes a Service: that is told as an event.
import type { IPAddress } from '../../../api/kinds/networking/index.ts';
import type { ControllerContext } from '../context.ts';
import { services } from '../../../api/kinds/core/index.ts';
import { ipAddresses, serviceCidrs } from '../../../api/kinds/networking/index.ts';
import { keyOf } from '../../../api/meta/object-meta.ts';
import { isApiError } from '../../../api/meta/status.ts';
import { runController, watchFor } from '../../../machinery/controller.ts';
import { rangesOf } from '../service-cidr/plan.ts';
import { addressFor, clusterIpsOf, planAddress, planService } from './plan.ts';

/** Runs both loops until the context's signal aborts. */
export async function runServiceIpRepairController(context: ControllerContext): Promise<void> {
  await Promise.all([runServices(context), runAddresses(context)]);
}

const ignoring =
  (...reasons: ('NotFound' | 'AlreadyExists' | 'Conflict')[]) =>
  (error: unknown): void => {
    if (!reasons.some((reason) => isApiError(error, reason))) throw error;
  };

function runServices(context: ControllerContext): Promise<void> {
  const { client, informers, clock, signal, logger } = context;
  const serviceInformer = informers.of(services);
  const addressInformer = informers.of(ipAddresses);
  const cidrInformer = informers.of(serviceCidrs);
  const recorder = context.recorder('ipallocator-repair-controller');
  const api = client.resource(ipAddresses);
  const parentOf = ({ spec: { parentRef } }: Readonly<IPAddress>): string[] =>
    parentRef.resource === 'services' ? [`${parentRef.namespace}/${parentRef.name}`] : [];

  return runController({
    name: 'service-ip-repair',
    sources: [
      watchFor(serviceInformer),
      // An address that went, or changed hands, may have been a Service's.
      watchFor(addressInformer, (address, { previous }) => (previous ? parentOf(address) : [])),
      watchFor(cidrInformer, (_cidr, { previous, current }) =>
        previous && current ? [] : serviceInformer.list().map(keyOf),
      ),
    ],
    workers: 2,
    clock,
    logger,
    signal,
    async reconcile(key) {
      await Promise.all([addressInformer.whenSynced(signal), cidrInformer.whenSynced(signal)]);
      const service = serviceInformer.get(key);
      const ranges = cidrInformer.list().flatMap(rangesOf);
      // Before the first ServiceCIDR is there, nothing can be judged.
      if (service === undefined || ranges.length === 0 || clusterIpsOf(service).length === 0) return;
      const plan = planService(service, ranges, addressInformer.get, serviceInformer.get);
      for (const { reason, message } of plan.complaints) recorder.record(service, 'Warning', reason, message);
      for (const address of plan.create) await api.create(address, { signal }).catch(ignoring('AlreadyExists'));
      for (const { metadata } of plan.recreate) {
        const { name, uid } = metadata;
        await api.delete(name, { preconditions: { uid }, signal }).catch(ignoring('NotFound', 'Conflict'));
        await api.create(addressFor(name, service), { signal }).catch(ignoring('AlreadyExists'));
      }
    },
  });
}

function runAddresses(context: ControllerContext): Promise<void> {
  const { client, informers, clock, signal, logger } = context;
  const serviceInformer = informers.of(services);
  const addressInformer = informers.of(ipAddresses, {
    service: ({ spec: { parentRef } }) => [`${parentRef.namespace}/${parentRef.name}`],
  });
  const recorder = context.recorder('ipallocator-repair-controller');

  return runController({
    name: 'ip-address',
    sources: [
      watchFor(addressInformer),
      watchFor(serviceInformer, (service, { current }) =>
        current === undefined ? addressInformer.byIndex('service', keyOf(service)).map(keyOf) : [],
      ),
    ],
    workers: 1,
    clock,
    logger,
    signal,
    async reconcile(name) {
      const address = addressInformer.get(name);
      if (address === undefined) return;
      const { namespace, name: parent } = address.spec.parentRef;
      const plan = planAddress(address, serviceInformer.get(`${namespace}/${parent}`), clock.now());
      if (plan.do === 'wait') return { requeueAfterMs: plan.forMs };
      if (plan.do === 'nothing') return;
      recorder.record(address, 'Warning', plan.complaint.reason, plan.complaint.message);
      const { uid } = address.metadata;
      const api = client.resource(ipAddresses);
      await api.delete(name, { preconditions: { uid }, signal }).catch(ignoring('NotFound', 'Conflict'));
      return;
    },
  });
}
