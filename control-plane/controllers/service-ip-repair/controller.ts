// Mends what crashes and hands leave behind between Services and their addresses: an IPAddress that is missing, one whose
// Service is gone, one that names another. It never changes a Service: that is told as an event.
import type { Service } from '../../../api/kinds/core/index.ts';
import type { IPAddress } from '../../../api/kinds/networking/index.ts';
import type { ControllerContext } from '../context.ts';
import { services } from '../../../api/kinds/core/index.ts';
import { ipAddresses, serviceCidrs } from '../../../api/kinds/networking/index.ts';
import { keyOf } from '../../../api/meta/object-meta.ts';
import { isApiError } from '../../../api/meta/status.ts';
import { runController, watchFor } from '../../../machinery/controller.ts';
import { rangesOf } from '../service-cidr/plan.ts';
import { addressFor, clusterIpsOf, planAddress, planService } from './plan.ts';
import type { ServicePlan } from './plan.ts';

/** Runs both loops until the context's signal aborts. */
export async function runServiceIpRepairController(context: ControllerContext): Promise<void> {
  await Promise.all([runServices(context), runAddresses(context)]);
}

const ignoring =
  (...reasons: ('NotFound' | 'AlreadyExists' | 'Conflict')[]) =>
  (error: unknown): void => {
    if (!reasons.some((reason) => isApiError(error, reason))) throw error;
  };

const settleMs = 1_000;

function isWhole({ complaints }: ServicePlan): boolean {
  return complaints.length === 0;
}

function runServices(context: ControllerContext): Promise<void> {
  const { client, informers, clock, signal, logger } = context;
  const serviceInformer = informers.of(services);
  const addressInformer = informers.of(ipAddresses);
  const cidrInformer = informers.of(serviceCidrs);
  const recorder = context.recorder('ipallocator-repair-controller');
  const api = client.resource(ipAddresses);
  const suspected = new Set<string>();
  const latest = async ({ metadata }: Readonly<Service>): Promise<Service | undefined> => {
    try {
      const found = await client.resource(services, metadata.namespace).get(metadata.name, { signal });
      return found.metadata.uid === metadata.uid && !found.metadata.deletionTimestamp ? found : undefined;
    } catch (error) {
      if (isApiError(error, 'NotFound')) return undefined;
      throw error;
    }
  };
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
      if (service === undefined || ranges.length === 0 || clusterIpsOf(service).length === 0) {
        suspected.delete(key);
        return;
      }
      if (isWhole(planService(service, ranges, addressInformer.get, serviceInformer.get))) {
        suspected.delete(key);
        return;
      }
      // The caches of Services and addresses follow each other at a distance: only what lasts, and what the server
      // itself still says of the Service, is mended.
      if (!suspected.has(key)) {
        suspected.add(key);
        return { requeueAfterMs: settleMs };
      }
      suspected.delete(key);
      const fresh = await latest(service);
      if (fresh === undefined) return;
      const plan = planService(fresh, ranges, addressInformer.get, serviceInformer.get);
      for (const { reason, message } of plan.complaints) recorder.record(fresh, 'Warning', reason, message);
      for (const address of plan.create) await api.create(address, { signal }).catch(ignoring('AlreadyExists'));
      for (const { metadata } of plan.recreate) {
        const { name, uid } = metadata;
        await api.delete(name, { preconditions: { uid }, signal }).catch(ignoring('NotFound', 'Conflict'));
        await api.create(addressFor(name, fresh), { signal }).catch(ignoring('AlreadyExists'));
      }
      return;
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
