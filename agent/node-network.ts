// The node's network as the agent runs it: pod network once the node has its pod range, routes, proxy, DNS and policies.
// A hollow node has none of it: its pods get addresses that lead nowhere.
import type { Node, Pod } from '../api/kinds/core/index.ts';
import type { NetworkPolicy } from '../api/kinds/networking/index.ts';
import type { Clock } from '../machinery/clock.ts';
import type { Informer, InformerFactory } from '../machinery/informer.ts';
import type { Logger } from '../machinery/logger.ts';
import type { ResourceRef, RestClient } from '../machinery/rest-client.ts';
import { createDnsFigures } from './dns/dns-figures.ts';
import type { DnsCounters } from './dns/responder.ts';
import type { AgentOptions } from './flags.ts';
import type { PodNetworkPart } from './kubelet/parts.ts';
import { endpointSlices, nodes, services } from './kubelet/resources.ts';
import type { PodNetwork } from './network/contract.ts';
import type { ObservedContainer } from './runtime/container-runtime.ts';

export interface NodeNetwork {
  readonly pods: PodNetworkPart;
  /** Frees the places of pods that no longer run. */
  adopt(observed: readonly ObservedContainer[]): Promise<void>;
  /** Why pods cannot have a network now. */
  problem(): string | undefined;
  onChange(listener: () => void): void;
  /** What its DNS has counted so far; undefined while it does not answer. */
  dnsCounters(): Promise<DnsCounters | undefined>;
  /** Runs all parts until the signal aborts; `pods` are those of this node. */
  run(pods: Informer<Pod>): Promise<void>;
}

const networkPolicies: ResourceRef<NetworkPolicy> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  namespaced: true,
};
const repairMs = 60_000;
const retryMs = 2_000;

export interface NodeNetworkFoundations {
  readonly client: RestClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

export async function runNodeNetwork(
  options: AgentOptions,
  nodeIp: string,
  factory: InformerFactory,
  { client, clock, logger, signal }: NodeNetworkFoundations,
): Promise<NodeNetwork> {
  if (options.runtime === 'hollow') return (await import('./hollow/hollow-network.ts')).createHollowNetwork();
  const [
    { createPodNetwork },
    { runRoutes },
    { runProxy },
    { runDns },
    { runPolicies },
    { followCluster },
    { runHostPorts },
    { runAnnouncer },
  ] = await Promise.all([
    import('./network/pod-network.ts'),
    import('./network/routes.ts'),
    import('./proxy/proxy.ts'),
    import('./dns/dns.ts'),
    import('./network/policy/policies.ts'),
    import('./network/policy/follow.ts'),
    import('./network/host-ports.ts'),
    import('./network/announce/announcer.ts'),
  ]);
  const { nodeName, serviceCidr, podCidr: clusterPodCidr, dataDir, clusterDns, clusterDomain, stubDomains } = options;
  const network = createPodNetwork({ dataDir, clusterPodCidr, serviceCidr, logger: logger.child({ part: 'network' }) });
  const informers = {
    nodes: factory.of(nodes),
    services: factory.of(services),
    endpointSlices: factory.of(endpointSlices),
    networkPolicies: factory.of(networkPolicies),
  };
  const figures = createDnsFigures(clock);
  const listeners: (() => void)[] = [];
  let problem: string | undefined = 'the node has no pod range yet';
  const say = (next: string | undefined): void => {
    if (next === problem) return;
    problem = next;
    for (const listener of listeners) listener();
  };

  /** The bridge follows spec.podCIDR, and is repaired from time to time. */
  const keepBridge = async (): Promise<void> => {
    let wake = (): void => undefined;
    informers.nodes.onDidChange(({ key }) => key === nodeName && wake());
    while (!signal.aborted) {
      const changed = new AbortController();
      wake = () => changed.abort();
      let delayMs = repairMs;
      const podCidr = (informers.nodes.get(nodeName) as Node | undefined)?.spec?.podCIDR;
      if (podCidr !== undefined && podCidr !== '') {
        try {
          await network.ensureNode(podCidr);
          say(undefined);
        } catch (error) {
          say(`the pod network could not be set up: ${error instanceof Error ? error.message : String(error)}`);
          delayMs = retryMs;
        }
      }
      await clock.sleep(delayMs, AbortSignal.any([signal, changed.signal]));
    }
  };

  const loop = (part: string): { nodeName: string; logger: Logger; clock: Clock; signal: AbortSignal } => ({
    nodeName,
    logger: logger.child({ part }),
    clock,
    signal,
  });
  return {
    pods: network,
    adopt: (observed) => adopt(network, observed),
    problem: () => problem,
    onChange: (listener) => void listeners.push(listener),
    dnsCounters: () => figures.read(),
    async run(pods) {
      await Promise.all([
        keepBridge(),
        runHostPorts({ pods, ...loop('host-ports') }),
        runAnnouncer({ informers, nodeIp, ...loop('announcer') }),
        runPolicies({ informers, follow: followCluster(client, logger), ...loop('policies') }),
        runRoutes({ informers, nodeIp, clusterPodCidr, ...loop('routes') }),
        runProxy({ informers, nodeIp, serviceCidr, clusterPodCidr, ...loop('proxy') }),
        runDns({ informers, clusterDns, clusterDomain, serviceCidr, stubDomains, figures, ...loop('dns') }),
      ]);
    },
  };
}

/** Pods whose sandbox runs keep their address and wire; all others lose them. */
function adopt(network: PodNetwork, observed: readonly ObservedContainer[]): Promise<void> {
  const running = observed.filter(
    ({ kind, state, hostNetwork }) => kind === 'sandbox' && state === 'running' && !hostNetwork,
  );
  return network.adopt(running.map(({ podUid }) => ({ podUid })));
}
