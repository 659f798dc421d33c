// Asks all machines at once whether they can become a cluster. Changes nothing on them; reports every problem of every
// machine with figure, bar and remedy.
import { systemClock } from '../../machinery/clock.ts';
import type {
  ClusterSpec,
  MachineFacts,
  MachineSpec,
  PreflightCheck,
  PreflightReport,
  RunOptions,
} from '../contract.ts';
import { isCancelled, ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';
import { clusterPaths } from '../paths.ts';
import { openKnownHosts } from '../transport/known-hosts.ts';
import { connectSsh, type SshTransport } from '../transport/ssh.ts';
import { clusterChecks } from './cluster-checks.ts';
import { checkMachine } from './machine-checks.ts';

type MachineReport = PreflightReport['machines'][number];

/** Checks every machine of `spec`, all at once. */
export async function preflight(spec: ClusterSpec, options: RunOptions = {}): Promise<PreflightReport> {
  const knownHosts = openKnownHosts(clusterPaths(spec.name, options.home).knownHosts);
  const began = systemClock.now();
  const emit = (state: 'running' | 'done' | 'failed'): void =>
    options.onProgress?.({
      step: 'preflight',
      state,
      title: text('preflight.title'),
      elapsedMs: systemClock.now() - began,
    });
  emit('running');
  const examine = async (machine: MachineSpec): Promise<MachineReport> => {
    let hostKey: { hostKey: string; hostKeyIsNew: boolean } | undefined;
    const base = (): Pick<MachineReport, 'name' | 'address'> => ({
      name: machine.name,
      address: machine.address,
      ...hostKey,
    });
    let transport: SshTransport;
    try {
      transport = await connectSsh(machine, {
        knownHosts,
        signal: options.signal,
        onHostKey: (fingerprint, isNew) => {
          hostKey = { hostKey: fingerprint, hostKeyIsNew: isNew };
        },
      });
    } catch (error) {
      return { ...base(), checks: [failedConnection(error, machine)] };
    }
    try {
      const { facts, checks } = await checkMachine(spec, machine, transport, systemClock);
      return { ...base(), facts, checks };
    } catch (error) {
      return { ...base(), checks: [failedConnection(error, machine)] };
    } finally {
      transport.close();
    }
  };
  const machines = await Promise.all(spec.machines.map(examine));
  options.signal?.throwIfAborted();
  const known = machines.map((machine) => machine.facts).filter((facts): facts is MachineFacts => facts !== undefined);
  const together = clusterChecks(spec, known);
  const all = machines.map((machine) => ({
    ...machine,
    checks: [...machine.checks, ...(together.get(machine.name) ?? [])],
  }));
  const ok = all.every((machine) => machine.checks.every((check) => check.ok || check.severity !== 'error'));
  emit(ok ? 'done' : 'failed');
  return { ok, machines: all };
}

const reasons: Readonly<Record<string, string>> = {
  Unreachable: 'reachable',
  Authentication: 'login',
  KeyUnreadable: 'login',
  HostKeyChanged: 'host-key',
  Sudo: 'sudo',
};

/** A machine that could not even be asked is one failed check. */
function failedConnection(error: unknown, machine: MachineSpec): PreflightCheck {
  if (isCancelled(error) || !(error instanceof ProvisioningError)) throw error;
  const id = reasons[error.reason] ?? 'reachable';
  const titles = {
    reachable: 'check.reachable',
    login: 'check.login',
    'host-key': 'check.hostKey',
    sudo: 'check.sudo',
  } as const;
  return {
    id,
    ok: false,
    severity: 'error',
    title: text(titles[id as keyof typeof titles]),
    figure: `${machine.user}@${machine.address}:${machine.port}`,
    bar: 'SSH',
    message: error.text,
    remedy: error.remedy,
  };
}
