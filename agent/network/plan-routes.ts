// Which routes lead to the other nodes' pods. Pure. Nodes on a segment of ours are reached by a plain route through their
// address; others through VXLAN (the shape flannel made common: the far end's device has the podCIDR's own address).
import type { Node } from '../../api/kinds/core/index.ts';
import { cidrContains, formatCidr, formatIpv4, macOf, parseCidr, parseIpv4 } from './cidr.ts';

export const overlayName = 'ph-vxlan';

/** Where one other node is, and its pods. */
export interface Peer {
  readonly name: string;
  readonly address: string;
  readonly podCidr: string;
}

export interface RoutePlan {
  /** Destination → the rest of the route, as `ip route` takes it. */
  readonly routes: ReadonlyMap<string, string>;
  /** Far ends of the overlay; empty when every node is on a segment of ours. */
  readonly overlay: readonly { readonly address: string; readonly inner: string; readonly mac: string }[];
}

/** A node's IPv4 InternalIP. */
export function internalIpOf(node: Node): string | undefined {
  const addresses = node.status?.addresses ?? [];
  return addresses.find(({ type, address }) => type === 'InternalIP' && parseIpv4(address) !== undefined)?.address;
}

/** The IPv4 pod range of a node. */
export function podCidrOf(node: Node): string | undefined {
  const ranges = node.spec?.podCIDRs ?? (node.spec?.podCIDR ? [node.spec.podCIDR] : []);
  return ranges.find((range) => /^[\d.]+\/\d+$/.test(range));
}

/** The other nodes that have both an address and a pod range. */
export function peersOf(nodes: readonly Node[], ownName: string): Peer[] {
  return nodes.flatMap((node) => {
    const address = internalIpOf(node);
    const podCidr = podCidrOf(node);
    if (node.metadata.name === ownName || address === undefined || podCidr === undefined) return [];
    return [{ name: node.metadata.name, address, podCidr: formatCidr(parseCidr(podCidr)) }];
  });
}

/** The address of the overlay device of the node with this pod range. */
export function overlayAddressOf(podCidr: string): string {
  return formatIpv4(parseCidr(podCidr).base);
}

/** `segments` are the ranges of the machine's own interfaces ("192.168.1.0/24"). */
export function planRoutes(peers: readonly Peer[], segments: readonly string[]): RoutePlan {
  const ranges = segments.map(parseCidr);
  const routes = new Map<string, string>();
  const overlay: { address: string; inner: string; mac: string }[] = [];
  for (const { address, podCidr } of peers) {
    if (ranges.some((range) => cidrContains(range, address))) {
      routes.set(podCidr, `via ${address}`);
      continue;
    }
    const inner = overlayAddressOf(podCidr);
    routes.set(podCidr, `via ${inner} dev ${overlayName} onlink`);
    overlay.push({ address, inner, mac: macOf(inner) });
  }
  return { routes, overlay };
}
