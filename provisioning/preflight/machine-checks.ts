// The checks of one machine, from two read-only questions: its facts, and a probe as root. The only thing ever written is
// the probe file for disk latency, which is removed in the same command.
import type { Clock } from '../../machinery/clock.ts';
import type { ClusterSpec, MachineFacts, MachineSpec, PreflightCheck } from '../contract.ts';
import { canBeMaster, distroOf, distros, leastEtcdVersion } from '../distro/distro.ts';
import { externalEtcdOf } from '../external-etcd/settings.ts';
import { ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';
import type { SshTransport } from '../transport/ssh.ts';
import { type AddressSighting, sightAddress } from './address-in-use.ts';
import { check } from './check.ts';
import { gatherFacts } from './facts.ts';
import { probeMachine, type Probe } from './probe.ts';

const MiB = 2 ** 20;
const GiB = 2 ** 30;

/** What a machine must have, by what it is for. */
export const bars = {
  memoryBytes: { master: 1400 * MiB, node: 700 * MiB },
  diskBytes: { master: 6 * GiB, node: 5 * GiB },
  clockSkewMs: 2_000,
  fsyncMs: 40,
} as const;

/** All checks of one reachable machine. */
export async function checkMachine(
  spec: ClusterSpec,
  machine: MachineSpec,
  transport: SshTransport,
  clock: Clock,
): Promise<{ facts: MachineFacts; checks: PreflightCheck[]; sighting?: AddressSighting }> {
  // Both at once; the probe waits for the way to root, and without one there is nothing to probe.
  const [facts, asRoot] = await Promise.all([
    gatherFacts(transport, clock, true),
    transport.becomeRoot().then(
      async (way) => {
        const hasMember = machine.role !== 'node' && externalEtcdOf(spec) === undefined;
        const [probe, sighting] = await Promise.all([
          probeMachine(transport, spec.name, hasMember),
          sightAddress(spec, machine.name, transport),
        ]);
        return { way, probe, sighting };
      },
      (error: unknown) => ({ error }),
    ),
  ]);
  const checks = [
    passed('check.reachable', 'reachable', `${machine.address}:${machine.port}`),
    passed('check.login', 'login', machine.user),
    ...factChecks(machine, facts),
  ];
  if ('error' in asRoot) {
    const { error } = asRoot;
    if (!(error instanceof ProvisioningError) || error.reason !== 'Sudo') throw error;
    const figure = machine.user;
    return {
      facts,
      checks: [
        ...checks,
        {
          id: 'sudo',
          ok: false,
          severity: 'error',
          title: text('check.sudo'),
          figure,
          bar: 'root',
          message: error.text,
          remedy: error.remedy,
        },
      ],
    };
  }
  const { way, probe, sighting } = asRoot;
  const probed = [passed('check.sudo', 'sudo', way), ...probeChecks(spec, machine, facts, probe)];
  return { facts, checks: [...checks, ...probed], sighting };
}

function passed(title: 'check.reachable' | 'check.login' | 'check.sudo', id: string, figure: string): PreflightCheck {
  return { id, ok: true, severity: 'error', title: text(title), figure, bar: 'yes', message: text(title) };
}

/** What the facts alone tell. Pure. */
export function factChecks(machine: MachineSpec, facts: MachineFacts): PreflightCheck[] {
  const { name } = machine;
  const kind = machine.role === 'node' ? 'node' : 'master';
  const supported = distros.map((distro) => `${distro.id} ${distro.version}`).join(', ');
  const distro = distroOf(facts);
  const skew = Math.abs(facts.clockSkewMs);
  return [
    check('os', distro !== undefined, name, facts.osName || facts.osId || '?', supported),
    check(
      'masterRelease',
      kind === 'node' || distro === undefined || canBeMaster(distro),
      name,
      distro === undefined ? '–' : `etcd ${distro.etcdVersion}`,
      `etcd ${leastEtcdVersion}`,
    ),
    check('arch', ['amd64', 'arm64'].includes(facts.arch), name, facts.arch, 'amd64, arm64'),
    check('cpu', facts.cpus >= 1, name, String(facts.cpus), '1'),
    check(
      'memory',
      facts.memoryBytes >= bars.memoryBytes[kind],
      name,
      sizeOf(facts.memoryBytes),
      sizeOf(bars.memoryBytes[kind]),
    ),
    check(
      'disk',
      facts.diskFreeBytes >= bars.diskBytes[kind],
      name,
      sizeOf(facts.diskFreeBytes),
      sizeOf(bars.diskBytes[kind]),
    ),
    check('clock', skew <= bars.clockSkewMs, name, `${(skew / 1000).toFixed(1)} s`, `${bars.clockSkewMs / 1000} s`),
    check('timeSync', facts.hasTimeSync !== false, name, facts.hasTimeSync === false ? '–' : 'NTP', 'NTP', 'warning'),
    check('swap', (facts.swapBytes ?? 0) === 0, name, sizeOf(facts.swapBytes ?? 0), '0', 'warning'),
    check('selinux', facts.selinux !== 'Enforcing', name, facts.selinux ?? '–', 'Permissive', 'warning'),
  ];
}

/** What the probe tells. Pure. */
export function probeChecks(
  spec: ClusterSpec,
  machine: MachineSpec,
  facts: MachineFacts,
  probe: Probe,
): PreflightCheck[] {
  const { name } = machine;
  const wantedEtcd = externalEtcdOf(spec) === undefined ? 'own' : 'external';
  const hasMember = machine.role !== 'node' && wantedEtcd === 'own';
  const wanted = [...(hasMember ? [2379, 2380] : []), ...(machine.role === 'node' ? [] : [6443]), 10250];
  const taken = wanted.filter((port) => probe.foreignPorts.includes(port));
  const lacking = probe.missingKernelFeatures;
  const foreign = probe.otherClusters;
  const checks = [
    check('systemd', probe.isSystemd, name, probe.isSystemd ? 'systemd' : 'init', 'systemd'),
    check('ports', taken.length === 0, name, (taken.length > 0 ? taken : wanted).join(', '), 'free'),
    check(
      'kernel',
      lacking.length === 0,
      name,
      lacking.length > 0 ? lacking.join(', ') : facts.kernel,
      'overlay, bridge, veth, nf_tables, br_netfilter',
    ),
    check('foreign', foreign.length === 0, name, foreign.length > 0 ? foreign.join(', ') : '–', spec.name),
    check(
      'docker',
      probe.foreignContainers === 0,
      name,
      facts.dockerVersion === undefined ? '–' : `${probe.foreignContainers}`,
      '0',
      'warning',
    ),
    check('packages', probe.packageLockHolder === '', name, probe.packageLockHolder || 'dpkg', 'free', 'warning'),
  ];
  if (probe.etcd !== undefined) checks.push(check('etcdKind', probe.etcd === wantedEtcd, name, probe.etcd, wantedEtcd));
  if (hasMember && probe.fsyncP99Ms !== undefined) {
    checks.push(
      check(
        'fsync',
        probe.fsyncP99Ms <= bars.fsyncMs,
        name,
        `${probe.fsyncP99Ms.toFixed(1)} ms`,
        `${bars.fsyncMs} ms`,
        'warning',
      ),
    );
  }
  return checks;
}

function sizeOf(bytes: number): string {
  return bytes >= GiB ? `${(bytes / GiB).toFixed(1)} GiB` : `${Math.round(bytes / MiB)} MiB`;
}
