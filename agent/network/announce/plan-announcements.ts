// Which load balancer addresses this node answers for. Pure. Every node works out the same answer from the same objects:
// each address belongs to the eligible node with the highest hash (rendezvous), so a node that comes or goes moves only
// the addresses it wins or loses.
import { createHash } from 'node:crypto';
import type { Node, Service } from '../../../api/kinds/core/index.ts';
import type { EndpointSlice } from '../../../api/kinds/discovery/index.ts';
import { balancedIpsOf } from '../../proxy/plan-service.ts';

const excludeLabel = 'node.kubernetes.io/exclude-from-external-load-balancers';

/** Whether a node may answer for load balancer addresses at all. */
function isEligible({ metadata, status }: Readonly<Node>): boolean {
  if (metadata.labels?.[excludeLabel] !== undefined || metadata.deletionTimestamp !== undefined) return false;
  return status?.conditions?.some(({ type, status: state }) => type === 'Ready' && state === 'True') ?? false;
}

/** The nodes with a ready endpoint. */
function nodesOf(slices: readonly Readonly<EndpointSlice>[]): Set<string> {
  const names = slices
    .flatMap(({ endpoints }) => endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready !== false)
    .flatMap(({ nodeName }) => nodeName ?? []);
  return new Set(names);
}

const weight = (address: string, node: string): string =>
  createHash('sha256').update(`${address} ${node}`).digest('hex');

/** The addresses of `ownName`. A Service that keeps outside traffic on its nodes is announced only by such a node. */
export function planAnnouncements(
  services: readonly Readonly<Service>[],
  slicesOf: (service: Readonly<Service>) => readonly Readonly<EndpointSlice>[],
  nodes: readonly Readonly<Node>[],
  ownName: string,
): Set<string> {
  const eligible = nodes.filter(isEligible).map(({ metadata }) => metadata.name);
  const own = new Set<string>();
  for (const service of services) {
    const addresses = balancedIpsOf(service);
    if (addresses.length === 0) continue;
    const local = service.spec.externalTrafficPolicy === 'Local' ? nodesOf(slicesOf(service)) : undefined;
    const candidates = local === undefined ? eligible : eligible.filter((name) => local.has(name));
    for (const address of addresses) {
      let best: { readonly name: string; readonly score: string } | undefined;
      for (const name of candidates) {
        const score = weight(address, name);
        if (best === undefined || score > best.score) best = { name, score };
      }
      if (best?.name === ownName) own.add(address);
    }
  }
  return own;
}
