// Opens all machines of a run at once, with root and the lock held, and closes them together.
import type { Recorder } from '../audit/recorder.ts';
import type { Clock } from '../../machinery/clock.ts';
import type { MachineSpec } from '../contract.ts';
import { lockMachine } from './lock.ts';
import type { KnownHosts } from '../transport/known-hosts.ts';
import { connectSsh, type SshTransport } from '../transport/ssh.ts';

/** All machines of a run, open. */
export interface Connections {
  readonly transports: ReadonlyMap<string, SshTransport>;
  close(): void;
}

export interface ConnectOptions {
  readonly knownHosts: KnownHosts;
  readonly record: Recorder;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onHostKey: (machine: string, fingerprint: string, isNew: boolean) => void;
}

/** Connects to every machine and takes its lock; throws the first error after closing what was opened. */
export async function openConnections(machines: readonly MachineSpec[], options: ConnectOptions): Promise<Connections> {
  const transports = new Map<string, SshTransport>();
  const releases: (() => void)[] = [];
  const close = (): void => {
    for (const release of releases) release();
    for (const transport of transports.values()) transport.close();
  };
  const open = async (machine: MachineSpec): Promise<void> => {
    const transport = await connectSsh(machine, {
      knownHosts: options.knownHosts,
      record: options.record,
      signal: options.signal,
      isRun: true,
      onHostKey: (print, isNew) => options.onHostKey(machine.name, print, isNew),
    });
    transports.set(machine.name, transport);
    await transport.becomeRoot();
    releases.push((await lockMachine(transport, options.clock, options.signal)).release);
    await transport.settleFormerRuns(options.signal);
  };
  const outcomes = await Promise.allSettled(machines.map(open));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) {
    close();
    throw failed.reason;
  }
  return { transports, close };
}
