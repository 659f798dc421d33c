// Decides a lab's shape and writes it down; finds the one that is there and refuses another shape under its name.
import { createHash, randomBytes } from 'node:crypto';
import { createClusterSpec } from '../../cluster-file.ts';
import type { ClusterSpec, LabOptions } from '../../contract.ts';
import { ProvisioningError } from '../../errors.ts';
import { text } from '../../messages/text.ts';
import { cacheDir } from '../../paths.ts';
import { ensureBaseTree } from './base-tree.ts';
import { claimSubnet, labAddress, removeNetwork } from './network.ts';
import type { Stages } from '../../run/stages.ts';
import { type LabPaths, type LabState, readLabState, writeLabState } from './state.ts';

const defaults = { masters: 1, workers: 2 } as const;
const podCidr = '10.244.0.0/16';
const serviceCidr = '10.96.0.0/16';

/** The lab that is there; throws ProvisioningError `LabShape` when another shape is asked for. */
export async function findLab(paths: LabPaths, name: string, options: LabOptions): Promise<LabState | undefined> {
  const state = await readLabState(paths);
  if (state === undefined) return undefined;
  const masters = state.machines.filter((machine) => machine.role !== 'node').length;
  const workers = state.machines.length - masters;
  const isSame =
    (options.masters ?? masters) === masters &&
    (options.workers ?? workers) === workers &&
    (options.machines ?? state.kind) === state.kind;
  if (isSame) return state;
  const values = { name, masters, workers, kind: state.kind };
  throw new ProvisioningError('LabShape', text('lab.shape', values), text('lab.shape.remedy', { name }));
}

/** A new lab on paper: base tree made, segment taken, state written; nothing is started. */
export async function createLab(paths: LabPaths, name: string, options: LabOptions, stages: Stages): Promise<LabState> {
  labSpec(planOf(name, options, 0), paths); // refuses an impossible shape (no master, an even number) before anything is made
  const baseTree = await stages.run('base-tree', text('lab.baseTree'), (log) =>
    ensureBaseTree({
      cacheDir: cacheDir(options.cacheDir),
      release: options.release,
      withKernel: options.machines === 'vm',
      signal: options.signal,
      onOutput: log,
    }),
  );
  const state = { ...planOf(name, options, await claimSubnet()), baseTree };
  try {
    await writeLabState(paths, state);
  } catch (error) {
    await removeNetwork(state); // nobody would find it again
    throw error;
  }
  return state;
}

function planOf(name: string, options: LabOptions, subnetNumber: number): LabState {
  const { masters = defaults.masters, workers = defaults.workers } = options;
  const member = (role: 'master' | 'node' | 'both', label: string, index: number): LabState['machines'][number] => ({
    name: label,
    id: `phlab${subnetNumber}-${index}`,
    address: labAddress(subnetNumber, 10 + index),
    role,
    machineId: createHash('sha256').update(randomBytes(32)).digest('hex').slice(0, 32),
  });
  const machines = [
    ...Array.from({ length: masters }, (_, index) =>
      member(workers === 0 ? 'both' : 'master', `master-${index + 1}`, index + 1),
    ),
    ...Array.from({ length: workers }, (_, index) => member('node', `worker-${index + 1}`, masters + index + 1)),
  ];
  const kind = options.machines ?? 'container';
  const { release } = options;
  return { version: 1, name, kind, subnetNumber, podCidr, serviceCidr, baseTree: '', machines, release };
}

/** The lab as a cluster, in the same form as any cluster file. */
export function labSpec(state: LabState, paths: LabPaths): ClusterSpec {
  return createClusterSpec({
    name: state.name,
    podCidr: state.podCidr,
    serviceCidr: state.serviceCidr,
    machines: state.machines.map(({ name, address, role }) => ({
      name,
      address,
      role,
      user: 'root',
      keyPath: paths.key,
    })),
    settings: { extraSans: [labAddress(state.subnetNumber, 1)] },
  });
}
