// What differs between a blueprint and the cluster that runs, and what would mend each difference. Pure: reality is given.
import type { ClusterSpec, MachineSpec } from '../contract.ts';
import { externalEtcdOf } from '../external-etcd/settings.ts';
import type { NodeObject } from '../nodes/node-requests.ts';

export type DriftKind = 'machineMissing' | 'machineExtra' | 'role' | 'address' | 'label' | 'setting';

/** One difference. `remedy` says how `reconcile` mends it; `byHand` when it does not. */
export interface Drift {
  readonly kind: DriftKind;
  /** The machine or the setting. */
  readonly subject: string;
  readonly wanted: string;
  readonly found: string;
  readonly remedy: 'add' | 'remove' | 'label' | 'provision' | 'byHand';
}

/** What is known of the running cluster: its description as kept here, and its nodes as the API has them. */
export interface Reality {
  readonly spec: ClusterSpec;
  readonly nodes: readonly NodeObject[];
}

/** All differences, machines first. */
export function planDrift(wanted: ClusterSpec, { spec, nodes }: Reality): Drift[] {
  const wantedNames = new Set(wanted.machines.map((machine) => machine.name));
  const extra = nodes
    .map((node) => node.metadata.name)
    .filter((name) => !wantedNames.has(name))
    .map((name): Drift => ({ kind: 'machineExtra', subject: name, wanted: '–', found: name, remedy: 'remove' }));
  const machines = wanted.machines.flatMap((machine) => machineDrift(machine, { spec, nodes }));
  return [...machines, ...extra, ...settingDrift(wanted, spec)];
}

function machineDrift(machine: MachineSpec, { spec, nodes }: Reality): Drift[] {
  const { name } = machine;
  const node = nodes.find((each) => each.metadata.name === name);
  if (node === undefined) {
    return [{ kind: 'machineMissing', subject: name, wanted: machine.address, found: '–', remedy: 'add' }];
  }
  const drift: Drift[] = [];
  const known = spec.machines.find((each) => each.name === name);
  const role = roleOf(node);
  if (role !== machine.role)
    drift.push({ kind: 'role', subject: name, wanted: machine.role, found: role, remedy: 'byHand' });
  if (known !== undefined && known.address !== machine.address)
    drift.push({ kind: 'address', subject: name, wanted: machine.address, found: known.address, remedy: 'byHand' });
  for (const [key, value] of Object.entries(machine.labels ?? {})) {
    const found = node.metadata.labels?.[key];
    if (found !== value)
      drift.push({
        kind: 'label',
        subject: name,
        wanted: `${key}=${value}`,
        found: `${key}=${found ?? ''}`,
        remedy: 'label',
      });
  }
  for (const key of Object.keys(known?.labels ?? {})) {
    if (machine.labels?.[key] === undefined && node.metadata.labels?.[key] !== undefined)
      drift.push({
        kind: 'label',
        subject: name,
        wanted: `${key}-`,
        found: `${key}=${node.metadata.labels[key]}`,
        remedy: 'label',
      });
  }
  return drift;
}

/** The role that a node's own labels tell. */
function roleOf(node: NodeObject): MachineSpec['role'] {
  const has = (role: string): boolean => node.metadata.labels?.[`node-role.kubernetes.io/${role}`] !== undefined;
  if (!has('control-plane')) return 'node';
  return has('worker') ? 'both' : 'master';
}

/** Settings that a running cluster can take on, and those it cannot. */
function settingDrift(wanted: ClusterSpec, found: ClusterSpec): Drift[] {
  const fixed = (['podCidr', 'serviceCidr', 'clusterDomain'] as const)
    .filter((key) => wanted[key] !== found[key])
    .map((key): Drift => ({ kind: 'setting', subject: key, wanted: wanted[key], found: found[key], remedy: 'byHand' }));
  const [wantedEtcd, foundEtcd] = [etcdOf(wanted), etcdOf(found)];
  if (wantedEtcd !== foundEtcd)
    fixed.push({ kind: 'setting', subject: 'etcd', wanted: wantedEtcd, found: foundEtcd, remedy: 'byHand' });
  const keys = (Object.keys(wanted.settings) as (keyof ClusterSpec['settings'])[]).filter((key) => key !== 'etcd');
  const free = keys
    .map((key) => ({ key, want: JSON.stringify(wanted.settings[key]), have: JSON.stringify(found.settings[key]) }))
    .filter(({ want, have }) => want !== have)
    .map(({ key, want, have }): Drift => ({
      kind: 'setting',
      subject: key,
      wanted: want,
      found: have,
      remedy: 'provision',
    }));
  return [...fixed, ...free];
}

/** Where the state lives; the files of the certificates for it differ from one console to the next. */
function etcdOf(spec: ClusterSpec): string {
  return externalEtcdOf(spec)?.endpoints.join(', ') ?? 'masters';
}
