// The etcd member of a master: TLS between peers and towards clients, own user, own data folder. Members of a new cluster
// start together from one list, written once; a member of a running cluster joins as a learner, one at a time.
import type { ClusterSpec } from '../contract.ts';
import { mastersOf } from '../plan/plan-cluster.ts';
import { persist } from '../run/persist.ts';
import { type MachineContext, machineStep } from '../run/step.ts';
import type { Transport } from '../transport/contract.ts';
import { etcFolder } from './certificates.ts';
import { addLearner, listMembers, promoteLearner, removeMember } from './etcd-members.ts';
import { absentFolders, type OwnedFile, removeFolders, writeFiles } from './files.ts';
import { oneByOne, removeUnit, startUnit, type Unit, unitRuns, waitActive } from './unit.ts';

const name = 'pilothouse-etcd';
const dataDir = '/var/lib/pilothouse/etcd';
const environmentFile = `${etcFolder}/etcd.env`;
const pki = `${etcFolder}/pki/etcd`;
/**
 * There from before a founder's first start until it is a voter that answers. A disk that is full at that moment leaves etcd
 * data without the members in it, from which it never starts; nothing can have been stored yet, so that data is founded anew.
 */
const founding = `${dataDir}/founding`;
const hasFounded = `[ -d ${dataDir}/member ] && { [ ! -e ${founding} ] || systemctl -q is-active ${name}; }`;

interface Found {
  readonly absent: readonly string[];
}

/** Where to listen: the address itself, or everywhere when it is a name. */
function listenHost(address: string): string {
  return /^[0-9.]+$/.test(address) ? address : '0.0.0.0';
}

/** The unit of the member on `machine`. */
export function etcdUnit({ machine }: Pick<MachineContext, 'machine'>): Unit {
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

/** True when no master's etcd was ever ready; then nothing is left of a founding that was broken, on none, before one starts. */
function isFounding({ cluster, spec }: MachineContext): Promise<boolean> {
  return cluster.once('etcd is founded', async () => {
    const masters = mastersOf(spec).flatMap(({ name: master }) => cluster.transports.get(master) ?? []);
    const tests = await Promise.all(masters.map((master) => master.exec(hasFounded)));
    if (tests.some(({ code }) => code === 0)) return false;
    await Promise.all(masters.map(discardBegun));
    return true;
  });
}

/** Another master that is a running member of an etcd cluster, if there is one. */
async function runningMember(context: MachineContext): Promise<Transport | undefined> {
  for (const master of mastersOf(context.spec)) {
    const transport = context.cluster.transports.get(master.name);
    if (transport === undefined || master.name === context.machine.name) continue;
    const test = `[ -d ${dataDir}/member ] && [ -x /opt/pilothouse/current/node ] && systemctl -q is-active ${name}`;
    if ((await transport.exec(test)).code === 0) return transport;
  }
  return undefined;
}

function beginning({ name: token }: ClusterSpec, members: readonly string[], state: 'new' | 'existing'): OwnedFile {
  const content = `ETCD_INITIAL_CLUSTER=${members.join(',')}\nETCD_INITIAL_CLUSTER_STATE=${state}\nETCD_INITIAL_CLUSTER_TOKEN=${token}\n`;
  return { path: environmentFile, content, mode: 0o644 };
}

/** What every member of a cluster that is founded begins with. */
export function foundingFile(spec: ClusterSpec): OwnedFile {
  return beginning(
    spec,
    mastersOf(spec).map((master) => `${master.name}=${peerUrl(master)}`),
    'new',
  );
}

/** Writes which cluster the member joins: read by etcd only while it has no data. */
async function writeJoining(context: MachineContext, members: readonly string[]): Promise<void> {
  await writeFiles(context.transport, [beginning(context.spec, members, 'existing')]);
}

function peerUrl(machine: { readonly address: string }): string {
  return `https://${machine.address}:2380`;
}

/** Starts this machine's member and, in a cluster that runs already, brings it from learner to voter. */
async function join(context: MachineContext): Promise<void> {
  const { machine, spec, signal } = context;
  const own = peerUrl(machine);
  const neighbour = await runningMember(context);
  const members = neighbour === undefined ? [] : await listMembers(neighbour);
  const listed = members.find((member) => member.peerUrl === own);
  const isFounder = listed !== undefined && !listed.isLearner && !listed.hasStarted;
  if (neighbour === undefined || isFounder) {
    await writeFiles(context.transport, [foundingFile(spec)]);
    await context.transport.run(`: > ${founding}; sync ${founding}`);
    return start(context);
  }
  // A member of this address that ran before lost its data with the machine: it must leave before it can come back.
  if (listed !== undefined && listed.hasStarted)
    await persist(signal, 60_000, () => removeMember(neighbour, listed.id));
  // For some seconds after a change etcd calls itself unhealthy and takes no other.
  if (listed === undefined || listed.hasStarted) await persist(signal, 60_000, () => addLearner(neighbour, own));
  const others = members.filter((member) => member.peerUrl !== own).map((member) => `${member.name}=${member.peerUrl}`);
  await writeJoining(context, [...others, `${machine.name}=${own}`]);
  await start(context);
  await promote(neighbour, own, signal);
}

async function promote(neighbour: Transport, own: string, signal: AbortSignal): Promise<void> {
  const member = (await listMembers(neighbour)).find((candidate) => candidate.peerUrl === own);
  // Refused until the learner has caught up.
  if (member?.isLearner === true) await persist(signal, 120_000, () => promoteLearner(neighbour, member.id));
}

async function start(context: MachineContext): Promise<void> {
  await oneByOne(context, name, async () => {
    await startUnit(context, etcdUnit(context));
    await waitActive(context, name, { seconds: 180 });
    await context.transport.run(`rm -f ${founding}`);
  });
}

/** Takes away what a founding that was broken has left. */
async function discardBegun(transport: Transport): Promise<void> {
  await transport.run(
    `[ -e ${founding} ] || exit 0; systemctl -q stop ${name} 2>/dev/null; rm -rf ${dataDir}/member ${founding}`,
  );
}

export const etcdStep = machineStep<Found>({
  kind: 'etcd',
  check: (context) => unitRuns(context, etcdUnit(context)),
  async record(context) {
    return { absent: await absentFolders(context.transport, [dataDir]) };
  },
  async apply(context) {
    const { transport, machine, signal } = context;
    await transport.run(`set -e
if systemctl -q is-active etcd.service || systemctl -q is-enabled etcd.service; then systemctl -q disable --now etcd.service; fi 2>/dev/null
mkdir -p -m 755 /var/lib/pilothouse; mkdir -p -m 700 ${dataDir}; chown etcd: ${dataDir}; chown -R etcd: ${pki}`);
    // Founders need each other's votes to get ready; later members must come one by one.
    if (await isFounding(context)) return join(context);
    if ((await transport.exec(hasFounded)).code !== 0)
      return context.cluster.serially('etcd', async () => {
        await discardBegun(transport);
        await join(context);
      });
    await start(context);
    // A run cut between joining and voting.
    const neighbour = await runningMember(context);
    if (neighbour !== undefined) await promote(neighbour, peerUrl(machine), signal);
  },
  async revert(context, found) {
    await removeUnit(context, name);
    // What recovery set aside goes too: the machine is left as it was found.
    await context.transport.run(`rm -f ${environmentFile}; rm -rf --one-file-system ${dataDir}.before-*`);
    await removeFolders(context.transport, found.absent);
  },
});
