// Waits until the cluster's API calls the machine's node Ready and what was installed is on its disk. Changes nothing, so there
// is nothing to undo.
import { adminClient, nodeProblem, waitForNode } from '../run/api.ts';
import { machineStep } from '../run/step.ts';
import { isWritten, untilWritten } from './packages.ts';
import { unitLog } from './unit.ts';

export const nodeReadyStep = machineStep<null>({
  kind: 'node-ready',
  async check(context) {
    const { cluster, machine, signal } = context;
    const client = await adminClient(cluster);
    try {
      const [problem, written] = await Promise.all([nodeProblem(client, machine.name, signal), isWritten(context)]);
      return problem === undefined && written;
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
    const options = { signal: context.signal, timeoutMs: 600_000, log };
    await Promise.all([waitForNode(context.cluster, context.machine, options), untilWritten(context)]);
  },
  revert: () => Promise.resolve(),
});
