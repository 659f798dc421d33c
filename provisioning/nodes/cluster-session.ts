// One day-two action on a running cluster: its client, its progress, and errors that name what was asked for.
import { systemClock } from '../../machinery/clock.ts';
import type { RestClient } from '../../machinery/rest-client.ts';
import type { ClusterSpec, MachineSpec, ProgressEvent, RunOptions, Text } from '../contract.ts';
import { ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';
import { clusterPaths } from '../paths.ts';
import { adminClient } from '../run/api.ts';

/** Opens a client of the cluster for `work` and closes it after. */
export async function withClient<T>(
  spec: ClusterSpec,
  options: RunOptions,
  work: (client: RestClient) => Promise<T>,
): Promise<T> {
  const client = await adminClient({ spec, paths: clusterPaths(spec.name, options.home) });
  try {
    return await work(client);
  } finally {
    client.close();
  }
}

/** Reports `work` as the step `kind` of a machine. */
export async function reported<T>(
  options: RunOptions,
  kind: string,
  machine: string,
  title: Text,
  work: (say: (log: string) => void) => Promise<T>,
): Promise<T> {
  const began = systemClock.now();
  const emit = (event: Pick<ProgressEvent, 'state' | 'log' | 'message'>): void =>
    options.onProgress?.({
      step: `${kind}@${machine}`,
      machine,
      title,
      elapsedMs: systemClock.now() - began,
      ...event,
    });
  emit({ state: 'running' });
  try {
    const value = await work((log) => emit({ state: 'running', log }));
    emit({ state: 'done' });
    return value;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    emit({
      state: 'failed',
      message: error instanceof ProvisioningError ? error.text : text('error.other', { reason }),
    });
    throw error;
  }
}

/** The machine called `name`; throws ProvisioningError `MachineUnknown`. */
export function machineOf(spec: ClusterSpec, name: string): MachineSpec {
  const machine = spec.machines.find((candidate) => candidate.name === name);
  if (machine !== undefined) return machine;
  const known = spec.machines.map((candidate) => candidate.name).join(', ');
  throw new ProvisioningError(
    'MachineUnknown',
    text('error.machineUnknown', { machine: name, cluster: spec.name }),
    text('error.machineUnknown.remedy', { known }),
  );
}
