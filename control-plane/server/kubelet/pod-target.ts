// Finds the node and the container that a pod's connect subresource means.
import { nodes, type Node, type Pod } from '../../../api/kinds/core/index.ts';
import { notFound } from '../../../api/meta/status.ts';
import type { ServerParts } from '../parts.ts';
import { badRequest } from '../registry/errors.ts';
import { fetchObject } from '../registry/get.ts';
import type { ResourceRequest } from '../registry/resource-request.ts';
import { nodeAddressOf, type NodeAddress } from './node-address.ts';

/** The request's pod. */
export async function podOf(parts: ServerParts, request: ResourceRequest): Promise<Readonly<Pod>> {
  const { definition, info } = request;
  return (await fetchObject(parts, definition, info.namespace, info.name)).peek() as Pod;
}

/** The container that is meant: the named one, or the only one, or the one that the pod's annotation prefers. */
export function containerOf(pod: Readonly<Pod>, asked: string): string {
  const { spec, metadata } = pod;
  const names = [...spec.containers, ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])].map(
    ({ name }) => name,
  );
  if (asked !== '') {
    if (names.includes(asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${metadata.name}`);
  }
  const preferred = metadata.annotations?.['kubectl.kubernetes.io/default-container'];
  if (preferred !== undefined && names.includes(preferred)) return preferred;
  const [first, second] = spec.containers;
  if (first !== undefined && second === undefined) return first.name;
  throw badRequest(
    `a container name must be specified for pod ${metadata.name}, choose one of: [${spec.containers.map(({ name }) => name).join(' ')}]`,
  );
}

/** The agent that runs the pod. */
export async function addressOfPod(
  parts: ServerParts,
  pod: Readonly<Pod>,
  fallbackPort: number | undefined,
): Promise<NodeAddress> {
  const { nodeName } = pod.spec;
  if (!nodeName) throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
  return addressOfNode(parts, nodeName, fallbackPort);
}

/** A node's agent. */
export async function addressOfNode(
  parts: ServerParts,
  nodeName: string,
  fallbackPort: number | undefined,
): Promise<NodeAddress> {
  const node = await parts.reader.get<Node>(nodes, '', nodeName);
  if (node === undefined) throw notFound(nodes, nodeName);
  return nodeAddressOf(node, fallbackPort);
}
