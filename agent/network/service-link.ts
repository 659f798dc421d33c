// The interface `ph-dns`, which leads nowhere: a bridge without ports, because bridges exist wherever pods can have a
// network and dummy devices do not. It carries the cluster DNS address, and the machine's route for the service range:
// without a route the machine's own connections to a cluster IP fail before the firewall can translate them.
import { formatCidr, parseCidr } from './cidr.ts';
import { ipBatch, ipJson } from './command.ts';
import { isLinked } from './kernel-facts.ts';

export const serviceLinkName = 'ph-dns';

/** The routing protocol number of the service route; not that of routes.ts, which owns all of its number. */
const serviceRouteProtocol = 113;

export interface ServiceLinkOptions {
  readonly serviceCidr: string;
  readonly address?: string;
}

let last: Promise<void> = Promise.resolve();

/** Makes or repairs the link, its route and (when given) the address. Calls take turns: proxy and DNS both need it. */
export function ensureServiceLink(options: ServiceLinkOptions): Promise<void> {
  last = last.catch(() => undefined).then(() => ensure(options));
  return last;
}

async function ensure(o: ServiceLinkOptions): Promise<void> {
  const range = formatCidr(parseCidr(o.serviceCidr));
  if (await isLinked(serviceLinkName, { address: o.address, range })) return;
  const links = await ipJson<{ ifname: string; flags: string[]; addr_info: { local: string }[] }>('addr', 'show');
  const link = links.find(({ ifname }) => ifname === serviceLinkName);
  const lines: string[] = [];
  if (link === undefined) lines.push(`link add ${serviceLinkName} type bridge`);
  if (link?.flags.includes('UP') !== true) lines.push(`link set ${serviceLinkName} up`);
  if (o.address !== undefined && !link?.addr_info.some(({ local }) => local === o.address)) {
    lines.push(`addr replace ${o.address}/32 dev ${serviceLinkName}`);
  }
  const routes = await ipJson<{ dst: string }>('-4', 'route', 'show', 'proto', String(serviceRouteProtocol));
  if (!routes.some(({ dst }) => dst === range)) {
    lines.push(`route replace ${range} dev ${serviceLinkName} proto ${serviceRouteProtocol}`);
  }
  await ipBatch(lines);
}
