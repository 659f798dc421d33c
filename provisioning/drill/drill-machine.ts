// A chaos drill on one machine: breaks it for a while and puts it back. Guarantees: the cluster's lock is held; the way
// back and a dead man's timer are on the machine before anything is broken, so that it puts itself back when the console
// dies or loses it; cancelling puts back at once; and it only ends well when the machine itself says that all is back.
import { systemClock } from '../../machinery/clock.ts';
import type { ClusterSpec, MachineSpec, RunOptions } from '../contract.ts';
import { ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';
import { machineOf, reported } from '../nodes/cluster-session.ts';
import { withClusterLock } from '../run/cluster-lock.ts';
import { connectSsh, type SshTransport } from '../transport/ssh.ts';
import { sshOptions } from '../transport/with-machine.ts';
import {
  armScript,
  breakInput,
  breakScript,
  checkScript,
  isUnderWay,
  type MachineBreak,
  putBackScript,
  wayBack,
  wayBackPath,
} from './machine-break.ts';

/** How much later than the console the machine puts itself back. */
export const deadManMarginSeconds = 15;
/** How long a machine may take to be back. */
const backWithinMs = 120_000;

export interface MachineDrill {
  readonly machine: string;
  readonly broken: MachineBreak;
  /** How long it stays broken. */
  readonly holdSeconds: number;
}

export interface DrillOptions extends RunOptions {
  readonly onBroken?: () => void;
  readonly onBack?: () => void;
}

/**
 * Breaks, waits, puts back, checks. Throws ProvisioningError `DrillUnderWay` before anything is done, `DrillNotBack` when
 * the machine does not say in time that all is back; what the signal aborts with, after all was put back.
 */
export function drillMachine(spec: ClusterSpec, drill: MachineDrill, options: DrillOptions = {}): Promise<void> {
  const machine = machineOf(spec, drill.machine);
  return withClusterLock(spec, options, async () => {
    const ssh = await sshOptions(spec.name, { home: options.home });
    const transport = await connectSsh(machine, { ...ssh, signal: options.signal });
    try {
      await arm(transport, drill, options);
      try {
        await hold(transport, drill, options);
      } finally {
        await reported(options, 'drill-back', machine.name, text('drill.back'), () =>
          putBack(spec, machine, drill.broken, transport, options),
        );
        options.onBack?.();
      }
    } finally {
      transport.close();
    }
  });
}

/** Puts a machine back that a drill of a console that is gone may have left, and checks. Nothing happens when all is well. */
export function endDrill(
  spec: ClusterSpec,
  name: string,
  broken: MachineBreak,
  options: RunOptions = {},
): Promise<void> {
  const machine = machineOf(spec, name);
  return reported(options, 'drill-back', name, text('drill.back'), () =>
    putBack(spec, machine, broken, undefined, options),
  );
}

function arm(
  transport: SshTransport,
  { broken, holdSeconds, machine }: MachineDrill,
  options: DrillOptions,
): Promise<void> {
  const { signal } = options;
  return reported(options, 'drill-arm', machine, text('drill.arm'), async () => {
    await transport.becomeRoot();
    if ((await transport.exec(isUnderWay, { signal })).code === 0) {
      throw new ProvisioningError(
        'DrillUnderWay',
        text('error.drill.underWay', { machine }),
        text('error.drill.underWay.remedy'),
      );
    }
    await transport.writeFile(wayBackPath, wayBack(broken), { mode: 0o700, signal });
    try {
      await transport.run(armScript(holdSeconds + deadManMarginSeconds), { signal });
    } catch (error) {
      await transport.exec(putBackScript).catch(() => undefined); // nothing is broken yet; the folder alone is left
      throw error;
    }
  });
}

function hold(
  transport: SshTransport,
  { broken, holdSeconds, machine }: MachineDrill,
  options: DrillOptions,
): Promise<void> {
  const { signal } = options;
  return reported(options, 'drill-break', machine, text(`drill.break.${broken.kind}`), async () => {
    await transport.run(breakScript(broken), { stdin: breakInput(broken), signal });
    options.onBroken?.();
    await systemClock.sleep(holdSeconds * 1000, signal);
    signal?.throwIfAborted();
  });
}

/** By the connection that is there, or by new ones until the machine answers; its own timer may be faster. */
async function putBack(
  spec: ClusterSpec,
  machine: MachineSpec,
  broken: MachineBreak,
  open: SshTransport | undefined,
  { home }: RunOptions,
): Promise<void> {
  const deadline = systemClock.now() + backWithinMs;
  const ssh = await sshOptions(spec.name, { home });
  let transport = open;
  for (;;) {
    let problem: unknown;
    try {
      transport ??= await connectSsh(machine, { ...ssh, timeoutMs: 10_000 });
      await transport.run(putBackScript);
      const { code, stderr } = await transport.exec(checkScript(broken));
      if (code === 0) {
        if (transport !== open) transport.close();
        return;
      }
      problem = stderr.trim() || `${code}`;
    } catch (error) {
      problem = error;
      if (transport !== open) transport?.close();
      transport = undefined; // a connection that broke is no way to put anything back
    }
    if (systemClock.now() > deadline) {
      const reason = problem instanceof Error ? problem.message : String(problem);
      const values = { machine: machine.name, reason };
      throw new ProvisioningError(
        'DrillNotBack',
        text('error.drill.notBack', values),
        text('error.drill.notBack.remedy', values),
        problem,
      );
    }
    await systemClock.sleep(500);
  }
}
