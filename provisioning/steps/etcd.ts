// The etcd member of a master: TLS between peers and towards clients, own user, own data folder. Members of a new
// cluster start together from one list; the list is written once and never changed by later runs.
import { mastersOf } from '../plan/plan-cluster.ts';
import { type MachineContext, machineStep } from '../run/step.ts';
import { etcFolder } from './certificates.ts';
import { absentFolders, removeFolders, writeFiles } from './files.ts';
import { removeUnit, startUnit, type Unit, unitRuns, waitActive } from './unit.ts';

const name = 'pilothouse-etcd';
const dataDir = '/var/lib/pilothouse/etcd';
const environmentFile = `${etcFolder}/etcd.env`;
const pki = `${etcFolder}/pki/etcd`;

interface Found {
  readonly absent: readonly string[];
}

/** Where to listen: the address itself, or everywhere when it is a name. */
function listenHost(address: string): string {
  return /^[0-9.]+$/.test(address) ? address : '0.0.0.0';
}

function unit({ machine }: MachineContext): Unit {
  const host = listenHost(machine.address);
  const flags = {
    name: machine.name,
    'data-dir': dataDir,
    'listen-client-urls': host === '0.0.0.0' ? `https://${host}:2379` : `https://127.0.0.1:2379,https://${host}:2379`,
    'advertise-client-urls': `https://${machine.address}:2379`,
    'listen-peer-urls': `https://${host}:2380`,
    'initial-advertise-peer-urls': `https://${machine.address}:2380`,
    'listen-metrics-urls': 'http://127.0.0.1:2381',
    'client-cert-auth': 'true',
    'trusted-ca-file': `${pki}/ca.crt`,
    'cert-file': `${pki}/server.crt`,
    'key-file': `${pki}/server.key`,
    'peer-client-cert-auth': 'true',
    'peer-trusted-ca-file': `${pki}/ca.crt`,
    'peer-cert-file': `${pki}/peer.crt`,
    'peer-key-file': `${pki}/peer.key`,
    'quota-backend-bytes': '8589934592',
    logger: 'zap',
  };
  return {
    name,
    description: 'Pilothouse etcd member',
    command: ['/usr/bin/etcd', ...Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`)],
    after: [],
    service: [
      'Type=notify',
      'User=etcd',
      `EnvironmentFile=${environmentFile}`,
      'TimeoutStartSec=180',
      'IOSchedulingClass=best-effort',
      'IOSchedulingPriority=0',
    ],
  };
}

export const etcdStep = machineStep<Found>({
  kind: 'etcd',
  check: (context) => unitRuns(context, unit(context)),
  async record(context) {
    return { absent: await absentFolders(context.transport, [dataDir]) };
  },
  async apply(context) {
    const { transport, spec } = context;
    if ((await transport.exec(`[ -d ${dataDir}/member ]`)).code !== 0) {
      const members = mastersOf(spec).map((master) => `${master.name}=https://${master.address}:2380`);
      const content = `ETCD_INITIAL_CLUSTER=${members.join(',')}\nETCD_INITIAL_CLUSTER_STATE=new\nETCD_INITIAL_CLUSTER_TOKEN=${spec.name}\n`;
      await writeFiles(transport, [{ path: environmentFile, content, mode: 0o644 }]);
    }
    await transport.run(`set -e
systemctl -q disable --now etcd.service 2>/dev/null || true
mkdir -p -m 755 /var/lib/pilothouse; mkdir -p -m 700 ${dataDir}; chown etcd: ${dataDir}; chown -R etcd: ${pki}`);
    await startUnit(context, unit(context));
    await waitActive(context, name, 180);
  },
  async revert(context, found) {
    await removeUnit(context, name);
    await context.transport.run(`rm -f ${environmentFile}`);
    await removeFolders(context.transport, found.absent);
  },
});
