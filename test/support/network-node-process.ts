// The program of network-node.ts: the real pod network, routes, proxy, policies and DNS of one machine, started inside
// that machine's network namespace, with informers that the test fills over the process channel.
import { parseArgs } from 'node:util';
import { runDns } from '../../agent/dns/dns.ts';
import { runAnnouncer } from '../../agent/network/announce/announcer.ts';
import { runHostPorts } from '../../agent/network/host-ports.ts';
import { createPodNetwork } from '../../agent/network/pod-network.ts';
import { runPolicies } from '../../agent/network/policy/policies.ts';
import { runRoutes } from '../../agent/network/routes.ts';
import { runProxy } from '../../agent/proxy/proxy.ts';
import { namespaces, nodes, pods, services } from '../../api/kinds/core/index.ts';
import { endpointSlices } from '../../api/kinds/discovery/index.ts';
import { networkPolicies } from '../../api/kinds/networking/index.ts';
import type { KubernetesObject } from '../../api/meta/object-meta.ts';
import { createLogger } from '../../machinery/logger.ts';
import type { ResourceRef } from '../../machinery/rest-client.ts';
import { createMemoryInformer } from './memory-informer.ts';
import type { MemoryInformer } from './memory-informer.ts';
import type { NodeRequest } from './network-node.ts';

const { values } = parseArgs({
  options: {
    name: { type: 'string', default: '' },
    address: { type: 'string', default: '' },
    data: { type: 'string', default: '' },
    parts: { type: 'string', default: 'routes,proxy,policies,host-ports,announcer,dns' },
    'resolv-conf': { type: 'string' },
  },
});
const logger = createLogger(values.name);
const stop = new AbortController();
const informer = <T extends KubernetesObject>(resource: ResourceRef<T>): MemoryInformer<T> =>
  createMemoryInformer(resource);
const informers = {
  nodes: informer(nodes),
  services: informer(services),
  endpointSlices: informer(endpointSlices),
  networkPolicies: informer(networkPolicies),
  pods: informer(pods),
  namespaces: informer(namespaces),
};
const byKind = new Map<string, MemoryInformer<KubernetesObject>>(
  Object.values(informers).map((each) => [each.resource.kind, each as unknown as MemoryInformer<KubernetesObject>]),
);
const ranges = { clusterPodCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/16' };
const network = createPodNetwork({ dataDir: values.data, ...ranges, logger });
const loop = { nodeName: values.name, logger, signal: stop.signal, informers, ...ranges };
const running: Promise<void>[] = [];
const parts = values.parts.split(',');

/** The loops start when the test says so, after it has put its first objects. */
function startLoops(): void {
  if (parts.includes('routes')) running.push(runRoutes(loop));
  if (parts.includes('proxy')) running.push(runProxy(loop));
  if (parts.includes('announcer')) running.push(runAnnouncer({ ...loop, nodeIp: values.address }));
  if (parts.includes('host-ports')) running.push(runHostPorts({ ...loop, pods: informers.pods }));
  if (parts.includes('policies')) running.push(runPolicies({ ...loop, follow: () => informers }));
  if (parts.includes('dns')) {
    const names = { clusterDns: '10.96.0.10', clusterDomain: 'cluster.local', resolvConf: values['resolv-conf'] };
    running.push(runDns({ ...loop, ...names }));
  }
}

async function answer(request: NodeRequest): Promise<unknown> {
  switch (request.call) {
    case 'put':
      for (const object of request.objects) byKind.get(object.kind)?.put(object);
      return;
    case 'remove':
      return byKind.get(request.kind)?.remove(request.key);
    case 'start':
      return startLoops();
    case 'ensureNode':
      return network.ensureNode(request.podCidr);
    case 'attach':
      return network.attach(request.pod, request.pid);
    case 'detach':
      return network.detach(request.uid);
    case 'adopt':
      return network.adopt(request.pods);
    case 'stop':
      stop.abort();
      await Promise.all(running);
      return;
  }
}

process.on('message', (request: NodeRequest & { id: number }) => {
  answer(request).then(
    (value) => process.send?.({ id: request.id, value }),
    (error: unknown) => process.send?.({ id: request.id, error: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
