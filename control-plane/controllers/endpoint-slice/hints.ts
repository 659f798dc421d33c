// Which endpoints stay close to their clients: by the Service's trafficDistribution each ready endpoint is hinted for its
// own zone (and node); by topology-mode Auto endpoints are shared out among zones in proportion to their CPUs. Pure;
// amounts and words are upstream's.
import type { Node, Service } from '../../../api/kinds/core/index.ts';
import type { Endpoint } from '../../../api/kinds/discovery/index.ts';
import { quantityToMilli } from '../../../api/meta/quantity.ts';
import { conditionOf } from '../conditions.ts';

const zoneLabel = 'topology.kubernetes.io/zone';
/** A zone may get so much more than its share. */
const overload = 0.2;

/** CPUs by zone; undefined when a node does not tell its zone or its CPUs. */
export type ZoneCpus = ReadonlyMap<string, number> | undefined;

/** The CPUs of ready nodes by zone; masters do not count. */
export function zoneCpusOf(nodes: readonly Readonly<Node>[]): ZoneCpus {
  const cpus = new Map<string, number>();
  for (const { metadata, status } of nodes) {
    const { labels = {} } = metadata;
    if ('node-role.kubernetes.io/control-plane' in labels || 'node-role.kubernetes.io/master' in labels) continue;
    if (conditionOf(status?.conditions, 'Ready')?.status !== 'True') continue;
    const zone = labels[zoneLabel];
    const milli = quantityToMilli(status?.allocatable?.['cpu'] ?? '0');
    if (!zone || milli === 0) return undefined;
    cpus.set(zone, (cpus.get(zone) ?? 0) + milli);
  }
  return cpus;
}

/** What of a node decides about hints. */
export function hintFacts(node: Readonly<Node> | undefined): unknown {
  return node && [node.metadata.labels?.[zoneLabel], zoneCpusOf([node])];
}

/** Whether endpoints are shared out by CPUs. */
export function isTopologyAware({ metadata, spec }: Readonly<Service>): boolean {
  const mode =
    metadata.annotations?.['service.kubernetes.io/topology-mode'] ??
    metadata.annotations?.['service.kubernetes.io/topology-aware-hints'];
  return !spec.trafficDistribution && (mode === 'Auto' || mode === 'auto');
}

export interface HintedEndpoints {
  readonly endpoints: Endpoint[];
  /** Why there are no hints although they are asked for. */
  readonly problem?: string;
}

/** The endpoints with the hints that the Service asks for, and without any others. */
export function withHints(
  service: Readonly<Service>,
  endpoints: readonly Endpoint[],
  zoneCpus: ZoneCpus,
): HintedEndpoints {
  const bare = endpoints.map(({ hints: _hints, ...endpoint }): Endpoint => endpoint);
  const { trafficDistribution } = service.spec;
  if (trafficDistribution) return { endpoints: bare.map((endpoint) => hintedClose(endpoint, trafficDistribution)) };
  if (!isTopologyAware(service)) return { endpoints: bare };
  const ready = bare.filter(isReady);
  const problem = whyNot(ready, zoneCpus);
  if (problem !== undefined || zoneCpus === undefined) return { endpoints: bare, problem };
  const zones = shareOut(ready, zoneCpus);
  const hinted = bare.map((endpoint): Endpoint => {
    const zone = zones.get(endpoint);
    return zone === undefined ? endpoint : { ...endpoint, hints: { forZones: [{ name: zone }] } };
  });
  return { endpoints: hinted };
}

function isReady({ conditions }: Endpoint): boolean {
  return conditions?.ready === true;
}

function hintedClose(endpoint: Endpoint, distribution: string): Endpoint {
  const isClose = ['PreferClose', 'PreferSameZone', 'PreferSameNode'].includes(distribution);
  if (!isClose || !isReady(endpoint)) return endpoint;
  const forZones = endpoint.zone ? [{ name: endpoint.zone }] : undefined;
  const forNodes = endpoint.nodeName && distribution === 'PreferSameNode' ? [{ name: endpoint.nodeName }] : undefined;
  if (!forZones && !forNodes) return endpoint;
  return { ...endpoint, hints: { ...(forNodes ? { forNodes } : {}), ...(forZones ? { forZones } : {}) } };
}

function whyNot(ready: readonly Endpoint[], zoneCpus: ZoneCpus): string | undefined {
  if (zoneCpus === undefined || zoneCpus.size === 0)
    return 'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes';
  if (zoneCpus.size < 2) return 'Nodes only ready in one zone';
  const amounts = `(${ready.length} endpoints, ${zoneCpus.size} zones)`;
  if (zoneCpus.size > ready.length) return `Insufficient number of endpoints ${amounts}`;
  const fewest = [...sharesOf(ready.length, zoneCpus).values()].map((share) => Math.ceil(share / (1 + overload)));
  if (fewest.reduce((sum, count) => sum + count, 0) > ready.length)
    return `Unable to allocate minimum required endpoints to each zone without exceeding overload threshold ${amounts}`;
  if (ready.some(({ zone }) => !zone)) return 'One or more endpoints do not have a zone specified';
  return undefined;
}

function sharesOf(count: number, zoneCpus: ReadonlyMap<string, number>): Map<string, number> {
  const total = [...zoneCpus.values()].reduce((sum, cpus) => sum + cpus, 0);
  return new Map([...zoneCpus].map(([zone, cpus]) => [zone, (cpus / total) * count]));
}

/** Every endpoint begins in its own zone; zones with too many lend whole ones to those with too few. */
function shareOut(ready: readonly Endpoint[], zoneCpus: ReadonlyMap<string, number>): Map<Endpoint, string> {
  const zones = new Map(ready.map((endpoint) => [endpoint, endpoint.zone ?? '']));
  const surplus = new Map<string, number>();
  for (const zone of zones.values()) surplus.set(zone, (surplus.get(zone) ?? 0) + 1);
  for (const [zone, share] of sharesOf(ready.length, zoneCpus)) {
    const atLeast = Math.max(share, Math.ceil(share / (1 + overload)));
    surplus.set(zone, (surplus.get(zone) ?? 0) - atLeast);
  }
  for (;;) {
    const [giver, spare] = extremeOf(surplus, 1);
    const [taker, lack] = extremeOf(surplus, -1);
    if (spare < 0.5 || lack < 0.5 || (spare < 1 && lack < 1)) return zones;
    const lent = ready.find((endpoint) => endpoint.zone === giver && zones.get(endpoint) === giver);
    if (lent === undefined) return zones;
    zones.set(lent, taker);
    surplus.set(giver, spare - 1);
    surplus.set(taker, 1 - lack);
  }
}

/** The zone with the most to give (sign 1) or to get (-1), and how much; zones by name where they are equal. */
function extremeOf(surplus: ReadonlyMap<string, number>, sign: 1 | -1): [string, number] {
  const sorted = [...surplus].sort(([a, x], [b, y]) => sign * (y - x) || (a < b ? -1 : 1));
  const [zone, amount] = sorted[0] ?? ['', 0];
  return [zone, sign * amount];
}
