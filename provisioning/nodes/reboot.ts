// Cordon, drain and reboot of a machine of the cluster. A reboot is done when the kernel is another one (boot id) and the
// node is Ready again; a node that was taken out of scheduling for it comes back, one that was out before stays out.
import { systemClock } from '../../machinery/clock.ts';
import type { ClusterSpec, MachineSpec, RunOptions } from '../contract.ts';
import { ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';
import { clusterPaths } from '../paths.ts';
import { withClusterLock } from '../run/cluster-lock.ts';
import { waitForNode } from '../run/api.ts';
import { connectSsh, type SshTransport } from '../transport/ssh.ts';
import { sshOptions } from '../transport/with-machine.ts';
import { machineOf, reported, withClient } from './cluster-session.ts';
import { type DrainPreview, type DrainResult, drainNode, previewDrain, setSchedulable } from './drain.ts';
import { readNode } from './node-requests.ts';

export interface NodeOptions extends RunOptions {
  /** How long pods get to move. Default five minutes. */
  readonly drainSeconds?: number;
  /** Delete what has not moved by then, budgets or not. */
  readonly force?: boolean;
  /** Reboot without moving pods. */
  readonly keepPods?: boolean;
}

const bootSeconds = 600;

/** Takes new pods off the node, or lets them on again. */
export async function cordonMachine(
  spec: ClusterSpec,
  name: string,
  cordon: boolean,
  options: RunOptions = {},
): Promise<void> {
  machineOf(spec, name);
  await reported(options, 'cordon', name, text(cordon ? 'step.cordon' : 'step.uncordon'), () =>
    withClient(spec, options, (client) => setSchedulable(client, name, !cordon, options.signal)),
  );
}

/** Which pods would move where; changes nothing. */
export function previewMachineDrain(spec: ClusterSpec, name: string, options: RunOptions = {}): Promise<DrainPreview> {
  machineOf(spec, name);
  return withClient(spec, options, (client) => previewDrain(client, name, options.signal));
}

/** Drains the node; throws ProvisioningError `NotDrained` naming what stays. The node stays cordoned. */
export function drainMachine(spec: ClusterSpec, name: string, options: NodeOptions = {}): Promise<DrainResult> {
  machineOf(spec, name);
  return reported(options, 'drain', name, text('step.drain'), (say) =>
    withClient(spec, options, async (client) => {
      const result = await drainNode(client, name, {
        timeoutMs: (options.drainSeconds ?? 300) * 1000,
        force: options.force,
        signal: options.signal,
        onProgress: (left) => say(`${left}\n`),
      });
      if (result.left.length === 0) return result;
      const pods = result.left.map(({ pod, reason }) => `${pod} (${reason})`).join('; ');
      const values = { machine: name, pods };
      throw new ProvisioningError('NotDrained', text('error.notDrained', values), text('error.notDrained.remedy'));
    }),
  );
}

/** Drains, reboots, waits for Ready, and lets pods on again. */
export function rebootMachine(spec: ClusterSpec, name: string, options: NodeOptions = {}): Promise<void> {
  return withClusterLock(spec, options, () => rebootAndReturn(spec, name, options));
}

async function rebootAndReturn(spec: ClusterSpec, name: string, options: NodeOptions): Promise<void> {
  const machine = machineOf(spec, name);
  const wasCordoned = await withClient(
    spec,
    options,
    async (client) => (await readNode(client, name, options.signal))?.spec?.unschedulable === true,
  );
  if (options.keepPods !== true) await drainMachine(spec, name, options);
  await reported(options, 'reboot', name, text('step.reboot'), () => restart(spec, machine, options));
  await reported(options, 'node-ready', name, text('step.node-ready'), () =>
    waitForNode({ spec, paths: clusterPaths(spec.name, options.home) }, machine, {
      signal: options.signal ?? new AbortController().signal,
      timeoutMs: bootSeconds * 1000,
      log: () => Promise.resolve(''),
    }),
  );
  if (options.keepPods !== true && !wasCordoned) await cordonMachine(spec, name, false, options);
}

/** Reboots and resolves when the machine answers with another boot id and its agent runs. */
async function restart(spec: ClusterSpec, machine: MachineSpec, options: RunOptions): Promise<void> {
  const ssh = await sshOptions(spec.name, options);
  const connect = (): Promise<SshTransport> => connectSsh(machine, { ...ssh, timeoutMs: 5_000 });
  const readBoot =
    'cat /proc/sys/kernel/random/boot_id; systemctl show -P UserspaceTimestampMonotonic; stat -c %Y /proc/1';
  const before = await connect();
  const former = await before.run(readBoot);
  // The connection goes with the machine; how the command ends says nothing.
  await before.exec('systemctl --no-block reboot').catch(() => undefined);
  before.close();
  const deadline = systemClock.now() + bootSeconds * 1000;
  for (;;) {
    options.signal?.throwIfAborted();
    await systemClock.sleep(1_000, options.signal);
    try {
      const transport = await connect();
      try {
        if ((await transport.run(readBoot)) !== former) {
          const wait =
            'i=0; until systemctl -q is-active pilothouse-agent; do i=$((i+1)); [ $i -lt 600 ] || exit 1; sleep 0.2; done';
          await transport.run(wait, { signal: options.signal });
          return;
        }
      } finally {
        transport.close();
      }
    } catch (error) {
      if (options.signal?.aborted === true || systemClock.now() > deadline) throw error;
    }
  }
}
