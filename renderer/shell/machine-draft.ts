// What the wizard has been told so far. Pure: reading addresses, sensible roles, what is still missing.
import type { ClusterDraft, MachineCredentials, MachineDraft, MachineRole } from '../../api/console/index.ts';

export interface MachineFields {
  /** Stays while the machine is edited. */
  readonly key: number;
  name: string;
  address: string;
  port: number;
  user: string;
  role: MachineRole;
}

export interface LoginFields {
  kind: MachineCredentials['kind'];
  keyPath: string;
  passphrase: string;
  password: string;
  sudoPassword: string;
}

/** What most clusters do without. */
export interface FurtherFields {
  virtualAddress: string;
  etcd: { isExternal: boolean; endpoints: string; caFile: string; certFile: string; keyFile: string };
}

export interface DraftFields {
  name: string;
  machines: MachineFields[];
  login: LoginFields;
  further: FurtherFields;
}

const mastersOfMany = 3;
const machinesForThreeMasters = 5;
const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const addressPattern =
  /^(?:(?<user>[a-z_][-a-z0-9_.]*)@)?(?<address>\[[0-9a-f:]+\]|[a-z0-9][-a-z0-9.]*|[0-9a-f]*:[0-9a-f:]+)(?::(?<port>\d{1,5}))?$/i;

/** The wizard as it opens. */
export function emptyDraft(): DraftFields {
  const login: LoginFields = {
    kind: 'key',
    keyPath: '~/.ssh/id_ed25519',
    passphrase: '',
    password: '',
    sudoPassword: '',
  };
  const etcd = { isExternal: false, endpoints: '', caFile: '', certFile: '', keyFile: '' };
  return { name: '', machines: [], login, further: { virtualAddress: '', etcd } };
}

/** A machine's name from its address: a host name's first label, or the last part of an address. */
export function nameFor(address: string, taken: ReadonlySet<string>): string {
  const isAddress = /^[0-9.]+$/.test(address) || address.includes(':');
  const last = address.split(/[.:]/).filter(Boolean).at(-1) ?? '1';
  const base = isAddress ? `machine-${last}` : (address.split('.')[0] ?? address).toLowerCase();
  let name = base;
  for (let copy = 2; taken.has(name); copy++) name = `${base}-${copy}`;
  return name;
}

/** Reads `user@address:port`, one per line or separated by spaces or commas; what is no address is given back. */
export function readAddresses(
  text: string,
  present: readonly MachineFields[],
  nextKey: () => number,
): { machines: MachineFields[]; unread: string[] } {
  const machines: MachineFields[] = [];
  const unread: string[] = [];
  const names = new Set(present.map(({ name }) => name));
  const addresses = new Set(present.map(({ address, port }) => `${address} ${port}`));
  for (const word of text.split(/[\s,;]+/).filter(Boolean)) {
    const groups = addressPattern.exec(word)?.groups;
    const address = groups?.['address']?.replace(/^\[|\]$/g, '');
    const port = Number(groups?.['port'] ?? 22);
    if (address === undefined || port < 1 || port > 65_535) {
      unread.push(word);
      continue;
    }
    if (addresses.has(`${address} ${port}`)) continue;
    const name = nameFor(address, names);
    names.add(name);
    addresses.add(`${address} ${port}`);
    machines.push({ key: nextKey(), name, address, port, user: groups?.['user'] ?? 'root', role: 'node' });
  }
  return { machines, unread };
}

/** Roles that suit a number of machines: one does both, up to four have one master, from five on three. */
export function suggestRoles(machines: readonly MachineFields[]): MachineRole[] {
  if (machines.length === 1) return ['both'];
  const masters = machines.length >= machinesForThreeMasters ? mastersOfMany : 1;
  return machines.map((_machine, index) => (index < masters ? 'master' : 'node'));
}

/** How many masters may fail before the cluster's state can no longer change. */
export function mastersToLose(machines: readonly MachineFields[]): number {
  const masters = machines.filter(({ role }) => role !== 'node').length;
  return masters === 0 ? 0 : masters - (Math.floor(masters / 2) + 1);
}

export type DraftProblem =
  'name' | 'noMachines' | 'machineName' | 'sameName' | 'login' | 'noMaster' | 'noWorker' | 'evenMasters' | 'etcd';

/** What keeps the first page from being complete. */
export function machineProblems({ name, machines, login }: DraftFields): DraftProblem[] {
  const problems: DraftProblem[] = [];
  if (!dnsLabel.test(name)) problems.push('name');
  if (machines.length === 0) problems.push('noMachines');
  if (machines.some((machine) => !dnsLabel.test(machine.name))) problems.push('machineName');
  if (new Set(machines.map((machine) => machine.name)).size < machines.length) problems.push('sameName');
  const hasLogin = login.kind === 'agent' || (login.kind === 'key' ? login.keyPath !== '' : login.password !== '');
  if (!hasLogin) problems.push('login');
  return problems;
}

/** What keeps the roles and further settings from working; an even number of masters works, but gains nothing. */
export function roleProblems({ machines, further }: DraftFields): { problems: DraftProblem[]; advice: DraftProblem[] } {
  const masters = machines.filter(({ role }) => role !== 'node').length;
  const workers = machines.filter(({ role }) => role !== 'master').length;
  const problems: DraftProblem[] = [];
  if (masters === 0) problems.push('noMaster');
  if (workers === 0 && machines.length > 1) problems.push('noWorker');
  const { isExternal, ...etcd } = further.etcd;
  if (isExternal && Object.values(etcd).some((value) => value.trim() === '')) problems.push('etcd');
  return { problems, advice: masters > 0 && masters % 2 === 0 ? ['evenMasters'] : [] };
}

function credentialsOf({ kind, keyPath, passphrase, password, sudoPassword }: LoginFields): MachineCredentials {
  return {
    kind,
    ...(kind === 'key' ? { keyPath, passphrase: passphrase || undefined } : {}),
    ...(kind === 'password' ? { password } : {}),
    sudoPassword: sudoPassword || undefined,
  };
}

/** One machine as the services take it. */
export function machineDraft({ name, address, port, user, role }: MachineFields, login: LoginFields): MachineDraft {
  return { name, address, port, user, role, credentials: credentialsOf(login) };
}

/** The whole draft as the services take it. */
export function clusterDraft({ name, machines, login, further }: DraftFields): ClusterDraft {
  const virtualAddress = further.virtualAddress.trim();
  const { isExternal, endpoints, ...files } = further.etcd;
  return {
    name,
    machines: machines.map((machine) => machineDraft(machine, login)),
    ...(virtualAddress === '' ? {} : { virtualAddress }),
    ...(isExternal ? { etcd: { endpoints: endpoints.split(/[\s,;]+/).filter(Boolean), ...files } } : {}),
  };
}
