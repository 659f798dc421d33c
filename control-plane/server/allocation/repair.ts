// Looks from time to time whether the node ports that are taken are those that Services have.
import { services, type Service } from '../../../api/kinds/core/index.ts';
import { portsHeld } from '../admission/service-needs.ts';
import type { ServerParts } from '../parts.ts';
import type { NodePorts } from './node-ports.ts';

const everyMs = 180_000;

/** Repairs until the signal aborts. */
export async function runPortRepair(
  { reader, clock, logger }: Pick<ServerParts, 'reader' | 'clock' | 'logger'>,
  nodePorts: NodePorts,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const all = await reader.list<Service>(services, '', 'latest');
      await nodePorts.repair(all.flatMap(portsHeld));
    } catch (error) {
      logger.warn({ err: error }, 'node ports could not be checked; trying again later');
    }
    await clock.sleep(everyMs, signal);
  }
}
