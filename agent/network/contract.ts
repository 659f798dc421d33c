// What the kubelet and agent/main.ts may know of the node's network.
// Guarantees of every implementation: all methods are idempotent, repair what was tampered with, and survive an agent
// restart without touching a running pod's connection. IPv4 only. Addresses are text ("10.244.1.7").
import type { EndpointSlice } from '../../api/kinds/discovery/index.ts';
import type { Node, Service } from '../../api/kinds/core/index.ts';
import type { NetworkPolicy } from '../../api/kinds/networking/index.ts';
import type { Clock } from '../../machinery/clock.ts';
import type { Informer } from '../../machinery/informer.ts';
import type { Logger } from '../../machinery/logger.ts';
import type { DnsFigures } from '../dns/dns-figures.ts';
import type { FollowCluster } from './policy/follow.ts';

/** Which pod a network place is for. */
export interface PodIdentity {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
}

/** A pod's addresses, as they go into `status.podIP` and `status.podIPs`. */
export interface PodAddresses {
  readonly podIp: string;
  readonly podIps: string[];
}

/** The pod network of one node: a bridge for its podCIDR and one veth pair per pod. */
export interface PodNetwork {
  /** Brings up bridge, sysctls and masquerade for this node's podCIDR ("10.244.1.0/24"); call again to repair. */
  ensureNode(podCidr: string): Promise<void>;
  /**
   * Wires the network namespace of `pausePid` (a pause container started with `--network none`): eth0 with an address of
   * the podCIDR, lo up, default route. The same pod uid keeps its address, also with a new pause pid.
   * Waits a little for the first `ensureNode`. Throws when that has not succeeded by then, when no address is free or when the process is gone (all retryable).
   */
  attach(pod: PodIdentity, pausePid: number): Promise<PodAddresses>;
  /** Removes the pod's veth and frees its address; does nothing for an unknown pod. */
  detach(podUid: string): Promise<void>;
  /**
   * At agent start: the pods that really run; every other address and veth of ours is freed. Without `podIp`, the pod
   * keeps the address that is on record.
   */
  adopt(attached: readonly { readonly podUid: string; readonly podIp?: string }[]): Promise<void>;
  /** The address a pod holds, if any; no I/O. */
  addressOf(podUid: string): string | undefined;
}

export interface PodNetworkOptions {
  /** The agent's data folder; addresses are kept in `<dataDir>/network`. */
  readonly dataDir: string;
  /** The whole cluster's pod range: traffic into it is never masqueraded. */
  readonly clusterPodCidr: string;
  readonly serviceCidr: string;
  readonly logger: Logger;
  readonly clock?: Clock;
}

/** What every loop of the network is given. */
export interface NetworkLoopOptions {
  readonly nodeName: string;
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly signal: AbortSignal;
}

/** Options of `runRoutes` (agent/network/routes.ts): routes to the other nodes' podCIDRs. */
export interface RoutesOptions extends NetworkLoopOptions {
  readonly informers: { readonly nodes: Informer<Node> };
  /** This node's InternalIP; found from its Node object when absent. */
  readonly nodeIp?: string;
  readonly clusterPodCidr: string;
}

/** Options of `runProxy` (agent/proxy/proxy.ts): Services by nftables. */
export interface ProxyOptions extends NetworkLoopOptions {
  readonly informers: {
    readonly services: Informer<Service>;
    readonly endpointSlices: Informer<EndpointSlice>;
    readonly nodes: Informer<Node>;
  };
  readonly nodeIp?: string;
  readonly serviceCidr: string;
  /** The cluster's pod range: sources outside it are masqueraded when they use a Service. */
  readonly clusterPodCidr: string;
}

/** Options of `runAnnouncer` (agent/network/announce/announcer.ts): load balancer addresses on the segment. */
export interface AnnouncerOptions extends NetworkLoopOptions {
  readonly informers: ProxyOptions['informers'];
  readonly nodeIp: string;
}

/** Options of `runPolicies` (agent/network/policy/policies.ts): NetworkPolicy for the pods of this node. */
export interface PoliciesOptions extends NetworkLoopOptions {
  readonly informers: { readonly networkPolicies: Informer<NetworkPolicy> };
  /** Follows all pods and namespaces while there are policies: `followCluster(client, logger)` of policy/follow.ts. */
  readonly follow: FollowCluster;
}

/** Options of `runDns` (agent/dns/dns.ts): the cluster's names, answered on this node by a worker thread. */
export interface DnsOptions extends NetworkLoopOptions {
  readonly informers: {
    readonly services: Informer<Service>;
    readonly endpointSlices: Informer<EndpointSlice>;
    /** Who answers this node's pods while its own DNS is away. */
    readonly nodes: Informer<Node>;
  };
  /** "10.96.0.10": put on the interface `ph-dns` of this machine. */
  readonly clusterDns: string;
  /** "cluster.local" */
  readonly clusterDomain: string;
  readonly serviceCidr: string;
  /** Where upstream resolvers are read from; /etc/resolv.conf by default. */
  readonly resolvConf?: string;
  /** Stub domains: suffix → resolvers that own it. */
  readonly stubDomains?: Readonly<Record<string, readonly string[]>>;
  /** The port to answer on; 53 by default. */
  readonly port?: number;
  /** Told of every thread that answers. */
  readonly figures?: Pick<DnsFigures, 'follow'>;
}
