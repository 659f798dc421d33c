// Gives Services of type LoadBalancer an address from the pool that the administrator wrote into the ConfigMap
// kube-system/pilothouse-load-balancer (`addresses`); the agents announce it. Without a pool nothing is given, so that
// another load balancer can have these Services.
import type { ControllerContext } from '../context.ts';
import type { AddressPool } from './pool.ts';
import { configMaps, services } from '../../../api/kinds/core/index.ts';
import { keyOf } from '../../../api/meta/object-meta.ts';
import { runController, watchFor } from '../../../machinery/controller.ts';
import { createInformer } from '../../../machinery/informer.ts';
import { addressOf, planLoadBalancer } from './plan.ts';
import { parsePool } from './pool.ts';

const namespace = 'kube-system';
const name = 'pilothouse-load-balancer';

/** Runs until the context's signal aborts. */
export async function runLoadBalancerController(context: ControllerContext): Promise<void> {
  const { client, informers, clock, signal, logger } = context;
  const serviceInformer = informers.of(services);
  const poolInformer = createInformer({
    client,
    resource: configMaps,
    namespace,
    fieldSelector: `metadata.name=${name}`,
    clock,
    logger,
  });
  const recorder = context.recorder('load-balancer-controller');
  const running = poolInformer.run(signal);
  // Addresses given whose Service the cache does not show with them yet.
  const given = new Map<string, string>();

  const poolOf = (): AddressPool | undefined => {
    const map = poolInformer.get(`${namespace}/${name}`);
    const text = map?.data?.['addresses'];
    if (map === undefined || text === undefined) return undefined;
    try {
      return parsePool(text);
    } catch (error) {
      recorder.record(
        map,
        'Warning',
        'InvalidAddressPool',
        `The addresses of the pool cannot be read: ${(error as Error).message}.`,
      );
      return undefined;
    }
  };

  await runController({
    name: 'load-balancer',
    sources: [
      watchFor(serviceInformer, (service, { current, previous }) => {
        const isFreed = current === undefined || (previous && addressOf(previous) !== addressOf(current));
        return isFreed && previous && addressOf(previous) ? serviceInformer.list().map(keyOf) : [keyOf(service)];
      }),
      watchFor(poolInformer, () => serviceInformer.list().map(keyOf)),
    ],
    // One at a time: no address is given twice.
    workers: 1,
    clock,
    logger,
    signal,
    async reconcile(key) {
      const service = serviceInformer.get(key);
      if (service === undefined) return void given.delete(key);
      const isConcerned = service.spec.type === 'LoadBalancer' || addressOf(service) !== undefined;
      const pool = isConcerned ? poolOf() : undefined;
      if (pool === undefined) return;
      if (given.get(key) === addressOf(service)) given.delete(key);
      const others = serviceInformer.list().filter((one) => keyOf(one) !== key);
      const taken = new Set([
        ...others.flatMap((one) => addressOf(one) ?? []),
        ...[...given].flatMap(([holder, address]) => (holder === key ? [] : [address])),
      ]);
      const plan = planLoadBalancer(service, pool, taken);
      if (plan.refusal) recorder.record(service, 'Warning', plan.refusal.reason, plan.refusal.message);
      if (plan.status === undefined) return;
      await client
        .resource(services, service.metadata.namespace)
        .updateStatus({ ...service, status: plan.status }, { signal });
      if (plan.address === undefined) return void given.delete(key);
      given.set(key, plan.address);
      recorder.record(service, 'Normal', 'AddressAssigned', `Assigned the address ${plan.address}`);
    },
  });
  await running;
}
