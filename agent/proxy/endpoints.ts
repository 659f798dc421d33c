// Which endpoints a Service port uses on this node. Pure. The rules are upstream's (KEP-1669, KEP-2433): ready ones, or,
// where none is ready, those that still serve while terminating; topology hints only where every ready one has them.
import type { Endpoint, EndpointSlice } from '../../api/kinds/discovery/index.ts';

/** One address to translate to. */
export interface Target {
  readonly address: string;
  readonly port: number;
  readonly local: boolean;
}

export interface NodeFacts {
  readonly name: string;
  /** `topology.kubernetes.io/zone`, if the node has one. */
  readonly zone?: string;
}

export interface Choice {
  /** For traffic that may leave the node, after topology. */
  readonly cluster: readonly Target[];
  /** For traffic that must stay on the node. */
  readonly local: readonly Target[];
  /** The ready ones of this node; draining ones do not count as healthy. */
  readonly localReady: readonly Target[];
}

interface Candidate {
  readonly endpoint: Readonly<Endpoint>;
  readonly target: Target;
}

const isReady = ({ endpoint }: Candidate): boolean => endpoint.conditions?.ready !== false;
const isDraining = ({ endpoint: { conditions } }: Candidate): boolean =>
  conditions?.terminating === true && (conditions.serving ?? conditions.ready ?? true);

function candidatesOf(
  slices: readonly Readonly<EndpointSlice>[],
  portName: string,
  protocol: string,
  node: NodeFacts,
): Candidate[] {
  const found = new Map<string, Candidate>();
  for (const slice of slices) {
    if (slice.addressType !== 'IPv4') continue;
    const ports = (slice.ports ?? []).filter(
      (port) => (port.name ?? '') === portName && (port.protocol ?? 'TCP') === protocol && port.port !== undefined,
    );
    for (const { port = 0 } of ports) {
      for (const endpoint of slice.endpoints ?? []) {
        const address = endpoint.addresses[0];
        if (address === undefined) continue;
        const candidate = { endpoint, target: { address, port, local: endpoint.nodeName === node.name } };
        const key = `${address}:${port}`;
        const other = found.get(key); // an endpoint may stand in two slices while it moves between them
        if (other === undefined || (isReady(candidate) && !isReady(other))) found.set(key, candidate);
      }
    }
  }
  // One order on every node and after every restart, whatever the slices' order is.
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, candidate]) => candidate);
}

/** Ready ones, else draining ones. */
function usable(candidates: readonly Candidate[]): readonly Candidate[] {
  const ready = candidates.filter(isReady);
  return ready.length > 0 ? ready : candidates.filter(isDraining);
}

function hinted(candidates: readonly Candidate[], node: NodeFacts): readonly Candidate[] {
  const ready = candidates.filter(isReady);
  if (ready.length === 0) return candidates;
  const byNode = ready.filter(({ endpoint }) => endpoint.hints?.forNodes?.some(({ name }) => name === node.name));
  if (byNode.length > 0 && ready.every(({ endpoint }) => endpoint.hints?.forNodes?.length)) return byNode;
  const byZone = ready.filter(({ endpoint }) => endpoint.hints?.forZones?.some(({ name }) => name === node.zone));
  const allHinted = ready.every(({ endpoint }) => endpoint.hints?.forZones?.length);
  return node.zone !== undefined && byZone.length > 0 && allHinted ? byZone : candidates;
}

/** The endpoints of one port (by its name in the slices), in a stable order. */
export function chooseEndpoints(
  slices: readonly Readonly<EndpointSlice>[],
  portName: string,
  protocol: string,
  node: NodeFacts,
): Choice {
  const candidates = candidatesOf(slices, portName, protocol, node);
  const cluster = usable(hinted(candidates, node)).map(({ target }) => target);
  const here = candidates.filter(({ target }) => target.local);
  const local = usable(here).map(({ target }) => target);
  return { cluster, local, localReady: here.filter(isReady).map(({ target }) => target) };
}
