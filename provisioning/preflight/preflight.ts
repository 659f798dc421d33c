// Asks all machines whether they can become a cluster: connects to all at once, so that one that does not answer delays no
// other, and examines some at a time. Changes nothing on them; reports every problem of every machine with figure, bar and
// remedy.
import pLimit from 'p-limit';
import { systemClock } from '../../machinery/clock.ts';
import type {
  ClusterSpec,
  MachineFacts,
  MachineSpec,
  PreflightCheck,
  PreflightReport,
  ProvisionOptions,
  Text,
} from '../contract.ts';
import { externalEtcdChecks } from '../external-etcd/checks.ts';
import { clusterPaths } from '../paths.ts';
import { isCancelled, ProvisioningError } from '../errors.ts';
import { text, textOfProblems } from '../messages/text.ts';
import { targetFor } from '../bundle/manifest.ts';
import { type OpenBundle, openBundle } from '../bundle/open-bundle.ts';
import { connectSsh, type SshTransport } from '../transport/ssh.ts';
import { sshOptions } from '../transport/with-machine.ts';
import { virtualAddressOf } from '../pki/cluster-pki.ts';
import { isOurApi } from '../run/api.ts';
import { addressChecks, type AddressSighting } from './address-in-use.ts';
import { check } from './check.ts';
import { clusterChecks } from './cluster-checks.ts';
import { checkMachine } from './machine-checks.ts';

/** Each is answered by some hundred short-lived processes there, whose output this computer reads. */
const examinedAtOnce = 16;

type MachineReport = PreflightReport['machines'][number];
type Examined = MachineReport & { readonly sighting?: AddressSighting };

/** Checks every machine of `spec`, all at once. A bundle that cannot be used throws before any machine is asked. */
export async function preflight(spec: ClusterSpec, options: ProvisionOptions = {}): Promise<PreflightReport> {
  const ssh = await sshOptions(spec.name, options);
  const bundle = await usableBundle(options);
  const began = systemClock.now();
  const emit = (state: 'running' | 'done' | 'failed'): void =>
    options.onProgress?.({
      step: 'preflight',
      state,
      title: text('preflight.title'),
      elapsedMs: systemClock.now() - began,
    });
  emit('running');
  const limit = pLimit(examinedAtOnce);
  const examine = async (machine: MachineSpec): Promise<Examined> => {
    let hostKey: { hostKey: string; hostKeyIsNew: boolean } | undefined;
    const base = (): Pick<MachineReport, 'name' | 'address'> => ({
      name: machine.name,
      address: machine.address,
      ...hostKey,
    });
    let transport: SshTransport;
    try {
      transport = await connectSsh(machine, {
        ...ssh,
        onHostKey: (fingerprint, isNew) => {
          hostKey = { hostKey: fingerprint, hostKeyIsNew: isNew };
        },
      });
    } catch (error) {
      return { ...base(), checks: [failedConnection(error, machine)] };
    }
    try {
      const [{ facts, checks, sighting }, etcd] = await Promise.all([
        limit(() => checkMachine(spec, machine, transport, systemClock)),
        externalEtcdChecks(spec, machine, transport, clusterPaths(spec.name, options.home).pkiDir),
      ]);
      return { ...base(), facts, checks: [...checks, ...etcd], sighting };
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
  const addresses = await addressProblems(spec, options, machines);
  const all = machines.map(({ sighting: _sighting, ...machine }) => ({
    ...machine,
    checks: [
      ...machine.checks,
      ...(together.get(machine.name) ?? []),
      ...(addresses.get(machine.name) ?? []),
      ...(bundle === undefined || machine.facts === undefined ? [] : [bundleCheck(bundle, machine.facts)]),
    ],
  }));
  const ok = all.every((machine) => machine.checks.every((check) => check.ok || check.severity !== 'error'));
  emit(ok ? 'done' : 'failed');
  return { ok, machines: all };
}

/** The facts of all machines; throws ProvisioningError `Preflight` when any check says no. */
export async function requirePreflight(spec: ClusterSpec, options: ProvisionOptions = {}): Promise<MachineFacts[]> {
  const report = await preflight(spec, options);
  const failed = report.machines.flatMap((machine) =>
    machine.checks.filter((check) => !check.ok && check.severity === 'error'),
  );
  if (!report.ok) {
    const problems = failed.map(({ message }) => message);
    throw new ProvisioningError(
      'Preflight',
      textOfProblems('error.preflight', problems, { count: failed.length }),
      remedyOf(failed),
    );
  }
  return report.machines.flatMap((machine) => machine.facts ?? []);
}

/** Judges the virtual address; the API is asked there only when that decides. */
async function addressProblems(
  spec: ClusterSpec,
  options: ProvisionOptions,
  machines: readonly Examined[],
): Promise<Map<string, PreflightCheck[]>> {
  const address = virtualAddressOf(spec);
  if (address === undefined) return new Map();
  const sightings = machines.flatMap(({ sighting }) => sighting ?? []);
  const judged = addressChecks(address, sightings, false);
  const isTaken = [...judged.values()].flat().some(({ ok }) => !ok);
  if (!isTaken) return judged;
  const paths = clusterPaths(spec.name, options.home);
  return addressChecks(address, sightings, await isOurApi({ spec, paths }, address, options.signal));
}

/** A remedy that all problems share; else where to see each beside its problem. */
function remedyOf(failed: readonly PreflightCheck[]): Text {
  const [first, ...others] = failed.map(({ remedy }) => remedy);
  const isOne = first !== undefined && others.every((remedy) => remedy?.en === first.en);
  return isOne ? first : text('error.preflight.remedy');
}

async function usableBundle({
  bundle,
  bundleKey,
  home,
  cacheDir,
  signal,
}: ProvisionOptions): Promise<OpenBundle | undefined> {
  return bundle === undefined ? undefined : openBundle(bundle, { key: bundleKey, home, cacheDir, signal });
}

/** Whether the bundle was made for such machines. */
function bundleCheck({ manifest }: OpenBundle, facts: MachineFacts): PreflightCheck {
  const system = `${facts.osId}-${facts.osVersion}/${facts.arch}`;
  const targets = manifest.targets.map((target) => `${target.id}-${target.version}/${target.arch}`).join(', ');
  return check('bundle', targetFor(manifest, facts) !== undefined, facts.machine, system, targets);
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
