// When nobody listens at the cluster DNS address of this machine (its agent is being upgraded, or has died), pods' queries
// go to other machines instead. The rules stand by themselves in the kernel, so they need no agent at the moment they
// count: they look whether a socket is bound, and translate only when none is.
import type { Node } from '../../api/kinds/core/index.ts';
import { createHash } from 'node:crypto';
import { gatewayOf, parseCidr } from '../network/cidr.ts';
import { podCidrOf } from '../network/plan-routes.ts';
import { createNftTable } from '../nftables/table.ts';
import type { NftTable } from '../nftables/table.ts';

/** Other machines a query may go to. */
const mostPeers = 8;

/** Marks of the packets on their way; within the range that the service table takes off again. */
const firstMark = 0x52000000;

/** The address at which a node's DNS answers other nodes' pods: that of its bridge. */
export function peerAddressOf(node: Readonly<Node>): string | undefined {
  const podCidr = podCidrOf(node);
  return podCidr === undefined ? undefined : gatewayOf(parseCidr(podCidr));
}

/** The ready nodes to ask in place of `ownName`, a different choice for every node. Pure. */
export function planPeers(nodes: readonly Readonly<Node>[], ownName: string): string[] {
  const distance = (name: string): string => createHash('sha256').update(`${ownName} ${name}`).digest('hex');
  return nodes
    .flatMap((node) => {
      const isReady = node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
      const address = peerAddressOf(node);
      if (node.metadata.name === ownName || isReady !== true || address === undefined) return [];
      return [{ address, distance: distance(node.metadata.name) }];
    })
    .sort((a, b) => (a.distance < b.distance ? -1 : 1))
    .slice(0, mostPeers)
    .map(({ address }) => address);
}

export interface DnsFallback {
  /** Makes these the machines to ask; does nothing when they already are. */
  setPeers(addresses: readonly string[]): Promise<void>;
  repair(): Promise<void>;
}

/** No peers until told. */
export function createDnsFallback(clusterDns: string, port: number): DnsFallback {
  let table: NftTable | undefined;
  let known = '';
  return {
    async setPeers(addresses) {
      const next = addresses.join(' ');
      if (next === known) return;
      await table?.destroy();
      table = addresses.length === 0 ? undefined : fallbackTable(clusterDns, port, addresses);
      await table?.commit();
      known = next;
    },
    async repair() {
      await table?.repair();
    },
  };
}

function fallbackTable(clusterDns: string, port: number, addresses: readonly string[]): NftTable {
  const table = createNftTable({
    name: 'pilothouse-dns',
    sets: { peers: { kind: 'map', spec: 'type mark : ipv4_addr;' } },
    chains: {
      ask: {
        rules: [
          'socket wildcard 0 accept',
          `meta mark set numgen random mod ${addresses.length} offset ${firstMark}`,
          'dnat ip to meta mark map @peers',
        ],
      },
      prerouting: {
        hook: 'type nat hook prerouting priority dstnat - 5;',
        rules: [`ip daddr ${clusterDns} meta l4proto { tcp, udp } th dport ${port} jump ask`],
      },
    },
  });
  addresses.forEach((address, index) => table.put('peers', String(firstMark + index), address));
  return table;
}
