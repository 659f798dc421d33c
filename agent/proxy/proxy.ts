// Services on this node: follows Services and EndpointSlices into the service table. A change touches only its own
// elements, in one transaction together with whatever else changed; what others flush is loaded anew.
import { runBatchLoop } from '../network/batch-loop.ts';
import type { ProxyOptions } from '../network/contract.ts';
import { indexSlices, onDidChangeServices } from '../network/service-slices.ts';
import { ensureServiceLink } from '../network/service-link.ts';
import type { NftTable } from '../nftables/table.ts';
import { chainsOf } from './chains.ts';
import { forgetFlows, planFlowCleanup } from './conntrack.ts';
import type { NodeFacts } from './endpoints.ts';
import { planService } from './plan-service.ts';
import type { Element, ServicePlan } from './plan-service.ts';
import { createHealthChecks } from './health-check.ts';
import { createServicesTable } from './services-table.ts';
import { createSharedElements } from './shared-elements.ts';

const nothing: ServicePlan = { own: [], shared: [], shapes: [], udp: [] };
const idOf = ({ set, key }: Element): string => `${set} ${key}`;

/** Runs until the signal aborts; the rules stay, so that Services go on working while the agent is away. */
export async function runProxy(options: ProxyOptions): Promise<void> {
  const { informers, nodeName, serviceCidr, clusterPodCidr, logger, clock, signal } = options;
  const { services, endpointSlices, nodes } = informers;
  const slicesOf = indexSlices(endpointSlices);
  await Promise.all([services.whenSynced(signal), endpointSlices.whenSynced(signal), nodes.whenSynced(signal)]);
  const table = createServicesTable(serviceCidr);
  const shared = createSharedElements(table);
  const plans = new Map<string, ServicePlan>();
  const healthChecks = createHealthChecks(logger);
  const state = { node: nodeFacts(nodes.get(nodeName)), plans, table };

  function nodeFacts(node: ReturnType<typeof nodes.get>): NodeFacts {
    return { name: nodeName, zone: node?.metadata.labels?.['topology.kubernetes.io/zone'] };
  }
  const sync = async (keys: ReadonlySet<string>): Promise<void> => {
    const cleanups: string[][] = [];
    const changed: { key: string; previous: ServicePlan; next: ServicePlan }[] = [];
    for (const key of keys) {
      const previous = plans.get(key) ?? nothing;
      changed.push({
        key,
        previous,
        next: planService(services.get(key), slicesOf(key), state.node),
      });
    }
    // What leaves goes first: a node port may move from one Service to another within one batch.
    for (const { previous, next } of changed) removeGone(table, previous, next);
    for (const { key, previous, next } of changed) {
      for (const shape of next.shapes)
        for (const [name, rules] of chainsOf(shape, clusterPodCidr)) table.putChain(name, rules);
      for (const { set, key: element, value } of next.own) table.put(set, element, value);
      shared.update(key, previous.shared, next.shared);
      cleanups.push(...planFlowCleanup(previous, next));
      if (key !== '') healthChecks.update(key, next.healthCheck);
      if (next.own.length + next.shared.length > 0) plans.set(key, next);
      else plans.delete(key);
    }
    const startMs = performance.now();
    await table.commit();
    if (changed.length > 100) {
      logger.info({ services: plans.size, tookMs: Math.round(performance.now() - startMs) }, 'services loaded');
    }
    await forgetFlows(cleanups, logger);
  };
  let linked = false;
  await runBatchLoop({
    name: 'services',
    subscribe(add) {
      const unsubscribe = [
        onDidChangeServices(informers, add),
        nodes.onDidChange(({ key, current }) => {
          if (key !== nodeName || nodeFacts(current).zone === state.node.zone) return;
          state.node = nodeFacts(current);
          for (const service of services.list()) add(`${service.metadata.namespace}/${service.metadata.name}`);
        }),
      ];
      add(''); // even without a Service the table must stand
      return () => unsubscribe.forEach((stop) => stop());
    },
    async sync(keys) {
      if (!linked) await ensureServiceLink({ serviceCidr });
      linked = true;
      await sync(keys);
    },
    async repair() {
      await ensureServiceLink({ serviceCidr });
      if (await table.repair()) logger.warn('the service rules had been tampered with; loaded them anew');
    },
    repairEveryMs: 10_000,
    logger,
    clock,
    signal,
  });
  healthChecks.close();
}

function removeGone(table: NftTable, previous: ServicePlan, next: ServicePlan): void {
  const kept = new Set(next.own.map(idOf));
  for (const element of previous.own) if (!kept.has(idOf(element))) table.remove(element.set, element.key);
}
