// Where a node's agent listens. Pure.
import type { Node } from '../../../api/kinds/core/index.ts';
import { serviceUnavailable } from '../../../api/meta/status.ts';

const preferred = ['InternalIP', 'Hostname', 'ExternalIP', 'ExternalDNS', 'InternalDNS'];
const defaultPort = 10250;

/** How to reach an agent. */
export interface NodeAddress {
  readonly nodeName: string;
  readonly host: string;
  readonly port: number;
}

/** Reads the address from the node's status; 503 when it has told none. */
export function nodeAddressOf(node: Readonly<Node>, fallbackPort: number = defaultPort): NodeAddress {
  const addresses = node.status?.addresses ?? [];
  const found = preferred
    .map((type) => addresses.find((one) => one.type === type)?.address)
    .find((address) => address !== undefined);
  if (found === undefined) throw serviceUnavailable(`node ${node.metadata.name} has not told its address`);
  return {
    nodeName: node.metadata.name,
    host: found,
    port: node.status?.daemonEndpoints?.kubeletEndpoint?.Port ?? fallbackPort,
  };
}
