// The control plane of a master: one process under systemd, using the etcd members of all masters, its own first. Done when
// its API says ready to the console, which also proves that the administrator can reach it.
import { externalEtcdOf } from '../external-etcd/settings.ts';
import { dnsServiceAddress, extraSansOf } from '../pki/cluster-pki.ts';
import { mastersOf } from '../plan/plan-cluster.ts';
import type { ClusterSpec, MachineSpec } from '../contract.ts';
import { machineBackupFolder } from '../backup/machine-target.ts';
import { type MachineContext, machineStep } from '../run/step.ts';
import { waitForApi } from '../run/api.ts';
import { etcFolder, externalEtcdFiles } from './certificates.ts';
import { absentFolders, removeFolders } from './files.ts';
import { oneByOne, removeUnit, startUnit, type Unit, unitLog, unitRuns } from './unit.ts';

const name = 'pilothouse-control-plane';
const dataDir = '/var/lib/pilothouse/control-plane';
const pki = `${etcFolder}/pki`;

/** A young generation of at most 48 MB instead of 96, and two helper threads: under load 40 MB less, and no slower. */
const measuredNode = ['--max-semi-space-size=16', '--v8-pool-size=2'];

interface Found {
  readonly absent: readonly string[];
}

/** The control plane's command line on `machine`, after the program's own name. */
export function controlPlaneFlags(spec: ClusterSpec, machine: MachineSpec): string[] {
  const flags: Record<string, string> = {
    listen: '0.0.0.0:6443',
    ...etcdFlags(spec, machine),
    'data-dir': dataDir,
    'pki-dir': pki,
    'service-cidr': spec.serviceCidr,
    'pod-cidr': spec.podCidr,
    'cluster-domain': spec.clusterDomain,
    'cluster-dns': dnsServiceAddress(spec),
    'node-monitor-grace': `${spec.settings.nodeMonitorGraceSeconds}s`,
    'pod-eviction-timeout': `${spec.settings.podEvictionTimeoutSeconds}s`,
    'advertise-address': machine.address,
  };
  const extraSans = extraSansOf(spec);
  if (extraSans.length > 0) flags['extra-sans'] = extraSans.join(',');
  return Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
}

/** Where etcd is, the own member first, and how the control plane shows itself. */
function etcdFlags(spec: ClusterSpec, machine: MachineSpec): Record<string, string> {
  const external = externalEtcdOf(spec);
  if (external !== undefined) {
    const { ca, cert, key } = externalEtcdFiles;
    return { etcd: external.endpoints.join(','), 'etcd-ca': ca, 'etcd-cert': cert, 'etcd-key': key };
  }
  const others = mastersOf(spec).filter((master) => master.name !== machine.name);
  return {
    etcd: ['https://127.0.0.1:2379', ...others.map((master) => `https://${master.address}:2379`)].join(','),
    'etcd-ca': `${pki}/etcd/ca.crt`,
    'etcd-cert': `${pki}/apiserver-etcd-client.crt`,
    'etcd-key': `${pki}/apiserver-etcd-client.key`,
  };
}

/** The control plane's unit on `machine`. */
export function controlPlaneUnit({ spec, machine }: Pick<MachineContext, 'spec' | 'machine'>): Unit {
  return withFolder({
    name,
    description: 'Pilothouse control plane',
    command: [
      '/opt/pilothouse/current/node',
      ...measuredNode,
      '/opt/pilothouse/current/control-plane.mjs',
      ...controlPlaneFlags(spec, machine),
    ],
    after: externalEtcdOf(spec) === undefined ? ['pilothouse-etcd.service'] : [],
    service: ['Environment=NODE_ENV=production', 'KillMode=mixed'],
  });
}

/** The running process must be of the version that `current` points to. */
export function runsCurrentVersion({ transport }: MachineContext, unitName: string): Promise<boolean> {
  const script = `pid=$(systemctl show -p MainPID --value ${unitName}); [ "$(readlink /proc/$pid/cwd)" = "$(readlink -f /opt/pilothouse/current)" ]`;
  return transport.exec(script).then((result) => result.code === 0);
}

export const controlPlaneStep = machineStep<Found>({
  kind: 'control-plane',
  async check(context) {
    const checks = [unitRuns(context, controlPlaneUnit(context)), runsCurrentVersion(context, name)];
    return (await Promise.all(checks)).every(Boolean);
  },
  async record(context) {
    return { absent: await absentFolders(context.transport, [dataDir]) };
  },
  async apply(context) {
    const log = (): Promise<string> => unitLog(context, name);
    await oneByOne(context, name, async () => {
      await startUnit(context, controlPlaneUnit(context));
      await waitForApi(context.cluster, context.machine, { signal: context.signal, timeoutMs: 600_000, log });
    });
  },
  async revert(context, found) {
    await removeUnit(context, name);
    // What the schedule and upgrades kept goes too: the machine is left as it was found.
    await context.transport.run(`rm -rf --one-file-system ${machineBackupFolder}`);
    await removeFolders(context.transport, found.absent);
  },
});

/** Starts in the version's own folder, so that `runsCurrentVersion` can tell an old process from a new one. */
export function withFolder(base: Unit): Unit {
  return { ...base, service: [...base.service, 'WorkingDirectory=/opt/pilothouse/current'] };
}
