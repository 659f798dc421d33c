// Waits until the cluster's API calls the machine's node Ready. Changes nothing, so there is nothing to undo.
import { adminClient, nodeProblem, waitForNode } from '../run/api.ts';
import { machineStep } from '../run/step.ts';
import { unitLog } from './unit.ts';

export const nodeReadyStep = machineStep<null>({
  kind: 'node-ready',
  async check({ cluster, machine, signal }) {
    const client = await adminClient(cluster);
    try {
      return (await nodeProblem(client, machine.name, signal)) === undefined;
    } catch (error) {
      if (signal.aborted) throw error;
      return false;
    } finally {
      client.close();
    }
  },
  record: () => Promise.resolve(null),
  async apply(context) {
    const log = (): Promise<string> => unitLog(context, 'pilothouse-agent');
    await waitForNode(context.cluster, context.machine, { signal: context.signal, timeoutMs: 600_000, log });
  },
  revert: () => Promise.resolve(),
});
