// Keeps this machine's routes to the other nodes' pods equal to what the Node objects say. Our routes carry a protocol
// number of their own, so nobody else's is ever touched; what somebody removes comes back within the repair interval.
import { networkInterfaces } from 'node:os';
import { ipBatch, ipJson } from './command.ts';
import { runBatchLoop } from './batch-loop.ts';
import { formatCidr, parseCidr } from './cidr.ts';
import type { RoutesOptions } from './contract.ts';
import { syncOverlay } from './overlay.ts';
import { readRoutes } from './kernel-facts.ts';
import { internalIpOf, peersOf, planRoutes, podCidrOf } from './plan-routes.ts';
import type { RoutePlan } from './plan-routes.ts';

/** The routing protocol number of our routes (`ip route show proto 112`). */
export const routeProtocol = 112;

/** Interfaces that are the cluster's own: their ranges are not segments that machines share. */
const ownInterface = /^(lo|ph0|ph-|phv|docker|br-|veth|ifb)/;

const repairEveryMs = 10_000;

/** Every how many looks the overlay's neighbour and forwarding tables are gone through as well. */
const thoroughEvery = 6;

interface KernelRoute {
  readonly dst: string;
  readonly gateway?: string;
  readonly dev?: string;
  readonly flags?: readonly string[];
  /** "unreachable" for the guard; absent for a plain route. */
  readonly type?: string;
}

/** The ranges of the machine's interfaces. */
export function findSegments(): string[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    ownInterface.test(name)
      ? []
      : addresses.flatMap(({ family, cidr }) =>
          family === 'IPv4' && cidr !== null ? [formatCidr(parseCidr(cidr))] : [],
        ),
  );
}

/** Packets to pods that exist nowhere must not leave by the machine's default route: this one is worse than any other. */
const guardMetric = 4_000_000;

async function syncRoutes(plan: RoutePlan, clusterPodCidr: string): Promise<void> {
  const present = new Map<string, string>();
  let isGuarded = false;
  for (const route of await ipJson<KernelRoute>('-4', 'route', 'show', 'proto', String(routeProtocol))) {
    if (route.type === 'unreachable') {
      isGuarded ||= route.dst === clusterPodCidr;
      continue;
    }
    const overlay = route.flags?.includes('onlink') ? ` dev ${route.dev} onlink` : '';
    present.set(
      formatCidr(parseCidr(route.dst.includes('/') ? route.dst : `${route.dst}/32`)),
      `via ${route.gateway}${overlay}`,
    );
  }
  const lines: string[] = [];
  if (!isGuarded) {
    lines.push(`route replace unreachable ${clusterPodCidr} metric ${guardMetric} proto ${routeProtocol}`);
  }
  for (const [destination, rest] of plan.routes) {
    if (present.get(destination) !== rest) lines.push(`route replace ${destination} ${rest} proto ${routeProtocol}`);
  }
  for (const destination of present.keys()) {
    if (!plan.routes.has(destination)) lines.push(`route del ${destination} proto ${routeProtocol}`);
  }
  await ipBatch(lines, { force: true }); // one node that cannot be reached keeps nobody from the others
}

/** Whether every route of the plan is in the kernel; a look without starting a process. */
async function hasRoutes(plan: RoutePlan): Promise<boolean> {
  const present = new Map((await readRoutes()).map(({ destination, gateway }) => [destination, gateway]));
  return [...plan.routes].every(([destination, rest]) => rest.split(' ')[1] === present.get(destination));
}

/** Runs until the signal aborts. Other nodes' routes stay when it ends: pods go on talking while the agent is away. */
export async function runRoutes(options: RoutesOptions): Promise<void> {
  const { informers, nodeName, logger, clock, signal } = options;
  await informers.nodes.whenSynced();
  let known = '';
  let looks = 0;
  const sync = async (force: boolean): Promise<void> => {
    const nodes = informers.nodes.list();
    const own = nodes.find((node) => node.metadata.name === nodeName);
    const address = options.nodeIp ?? (own && internalIpOf(own));
    const podCidr = own && podCidrOf(own);
    const peers = peersOf(nodes, nodeName);
    const facts = JSON.stringify([address, podCidr, peers]);
    if (!force && facts === known) return; // heartbeats change Node objects all the time
    const plan = planRoutes(peers, findSegments());
    const isThorough = plan.overlay.length > 0 && looks++ % thoroughEvery === 0;
    if (facts === known && !isThorough && (await hasRoutes(plan))) return;
    if (address !== undefined && podCidr !== undefined) await syncOverlay(plan, { address, podCidr });
    else if (plan.overlay.length > 0) return; // no end of ours yet
    await syncRoutes(plan, formatCidr(parseCidr(options.clusterPodCidr)));
    known = facts;
    if (!force) logger.info({ peers: peers.length, overlay: plan.overlay.length }, 'routes to other nodes are set');
  };
  await runBatchLoop({
    name: 'routes',
    subscribe(add) {
      add('routes');
      return informers.nodes.onDidChange(() => add('routes'));
    },
    sync: () => sync(false),
    repair: () => sync(true),
    repairEveryMs,
    restMs: 250,
    logger,
    clock,
    signal,
  });
}
