// The masters of a cluster, as many as can be reached: opened with root, and locked against other runs where they will be
// changed. That some are lost is the normal case here, and told with the reason.
import { systemClock } from '../../machinery/clock.ts';
import type { ClusterSpec, MachineSpec, RunOptions } from '../contract.ts';
import { ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';
import { mastersOf } from '../plan/plan-cluster.ts';
import { lockMachine } from '../run/lock.ts';
import { connectSsh, type SshTransport } from '../transport/ssh.ts';
import { sshOptions } from '../transport/with-machine.ts';

/** A master that answered. */
export interface OpenMaster {
  readonly machine: MachineSpec;
  readonly transport: SshTransport;
}

export interface OpenMasters {
  readonly open: readonly OpenMaster[];
  readonly lost: readonly { readonly machine: MachineSpec; readonly reason: string }[];
  close(): void;
}

export interface OpenOptions extends RunOptions {
  /** Keep other runs off these machines until they are closed. */
  readonly lock?: boolean;
  readonly timeoutMs?: number;
}

/** Connects to all masters at once, each given `timeoutMs`. Throws ProvisioningError `NoMaster` when none answers. */
export function openMasters(spec: ClusterSpec, options: OpenOptions = {}): Promise<OpenMasters> {
  return openMachines(mastersOf(spec), spec, options);
}

/** The same for any machines of the cluster. */
export async function openMachines(
  machines: readonly MachineSpec[],
  spec: ClusterSpec,
  options: OpenOptions = {},
): Promise<OpenMasters> {
  const signal = options.signal ?? new AbortController().signal;
  const ssh = await sshOptions(spec.name, { home: options.home, signal });
  const open: OpenMaster[] = [];
  const lost: { machine: MachineSpec; reason: string }[] = [];
  const releases: (() => void)[] = [];
  const close = (): void => {
    for (const release of releases) release();
    for (const { transport } of open) transport.close();
  };
  let refusal: unknown;
  await Promise.all(
    machines.map(async (machine) => {
      try {
        const transport = await connectSsh(machine, { ...ssh, timeoutMs: options.timeoutMs ?? 10_000 });
        open.push({ machine, transport });
        await transport.becomeRoot();
        if (options.lock === true) releases.push((await lockMachine(transport, systemClock, signal)).release);
      } catch (error) {
        // A machine that is off is a finding; one that answers and refuses is a problem to solve first.
        if (error instanceof ProvisioningError && error.reason === 'Unreachable')
          lost.push({ machine, reason: error.message });
        else refusal ??= error;
      }
    }),
  );
  if (refusal !== undefined || signal.aborted) {
    close();
    throw refusal ?? signal.reason;
  }
  const order = machines.map(({ name }) => name);
  for (const list of [open, lost]) list.sort((a, b) => order.indexOf(a.machine.name) - order.indexOf(b.machine.name));
  if (open.length === 0) {
    const reasons = lost.map(({ machine, reason }) => `${machine.name}: ${reason}`).join('; ');
    throw new ProvisioningError('NoMaster', text('error.noMaster', { reasons }), text('error.noMaster.remedy'));
  }
  return { open, lost, close };
}
