// Flow control over the stored configuration: follows FlowSchemas and PriorityLevelConfigurations, keeps the statuses.
import {
  flowSchemas,
  priorityLevelConfigurations,
  type FlowSchema,
  type PriorityLevelConfiguration,
} from '../../../api/kinds/flowcontrol/index.ts';
import type { ServerParts } from '../parts.ts';
import { followResource } from '../residents/resident.ts';
import { bootstrapFlows } from './bootstrap-flows.ts';
import { createFlowControl, type FlowControl } from './flow-control.ts';
import { writeDangling } from './flow-status.ts';

const settleMs = 100;

/** Flow control, when its configuration is known, and what starts its upkeep. */
export function followFlows(
  parts: ServerParts,
  signal: AbortSignal,
  totalSeats: number,
): { readonly flowControl: FlowControl; readonly whenSynced: Promise<unknown>; start(): Promise<void> } {
  const { clock, logger } = parts;
  const schemas = followResource<FlowSchema>({ ...parts, signal }, flowSchemas);
  const levels = followResource<PriorityLevelConfiguration>({ ...parts, signal }, priorityLevelConfigurations);
  const configuration = { schemas: schemas.resident, levels: levels.resident };
  let isScheduled = false;

  const writeStatuses = (): void => {
    if (isScheduled || signal.aborted) return;
    isScheduled = true;
    clock.setTimeout(() => {
      isScheduled = false;
      if (signal.aborted) return;
      const hasLevel = (name: string): boolean => levels.resident.get('', name) !== undefined;
      Promise.all(schemas.resident.list().map((schema) => writeDangling(parts, schema, hasLevel))).catch(
        (error: unknown) => logger.debug({ err: error }, 'the status of a FlowSchema could not be written'),
      );
    }, settleMs);
  };

  return {
    flowControl: createFlowControl({ totalSeats, clock, configuration }),
    whenSynced: Promise.all([schemas.whenSynced, levels.whenSynced]),
    async start() {
      await bootstrapFlows(parts);
      schemas.resident.onDidChange(writeStatuses);
      levels.resident.onDidChange(writeStatuses);
      writeStatuses();
    },
  };
}
