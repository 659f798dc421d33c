// UDP has no end of a connection: the kernel goes on sending a remembered flow to an endpoint that is gone, or past a
// Service that had no endpoint yet. After a change, exactly these flows are forgotten.
import type { Logger } from '../../machinery/logger.ts';
import { runCommand } from '../network/command.ts';
import type { ServicePlan, UdpFlow } from './plan-service.ts';

const idOf = ({ address, port }: UdpFlow): string => `${address ?? ''}:${port}`;

function filterOf({ address, port }: UdpFlow): string[] {
  return ['-p', 'udp', ...(address === undefined ? [] : ['--orig-dst', address]), '--orig-port-dst', String(port)];
}

/** The flows to forget, as arguments of `conntrack -D`. Pure. */
export function planFlowCleanup(previous: ServicePlan, next: ServicePlan): string[][] {
  const now = new Map(next.udp.map((flow) => [idOf(flow), flow]));
  const before = new Map(previous.udp.map((flow) => [idOf(flow), flow]));
  const cleanups: string[][] = [];
  for (const [id, flow] of before) {
    const kept = new Set(now.get(id)?.endpoints);
    for (const endpoint of new Set(flow.endpoints)) {
      if (!kept.has(endpoint)) cleanups.push([...filterOf(flow), '--reply-src', endpoint]);
    }
  }
  for (const [id, flow] of now) {
    if (flow.endpoints.length > 0 && (before.get(id)?.endpoints.length ?? 0) === 0) cleanups.push(filterOf(flow));
  }
  return cleanups;
}

/** Forgets flows; a missing conntrack program is reported once by the log and costs nothing but stale flows. */
export async function forgetFlows(cleanups: readonly string[][], logger: Logger): Promise<void> {
  for (const filter of cleanups) {
    await runCommand('conntrack', ['-D', ...filter]).catch((error: Error) => {
      if (error.message.includes('0 flow entries')) return;
      logger.warn({ err: error, filter }, 'stale UDP flows could not be forgotten; install the conntrack package');
    });
  }
}
