// The disks of a cluster's virtual machines, kept before its programs change and let go when the change has gone well. All of
// them, because masters only ever go back together. A snapshot that somebody else keeps is in the way and is said to be;
// none of ours is left when they cannot all be taken.
import { readFile, writeFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ClusterSpec, RunOptions } from '../../contract.ts';
import { ProvisioningError } from '../../errors.ts';
import { text } from '../../messages/text.ts';
import { clusterPaths } from '../../paths.ts';
import type { Stages } from '../../run/stages.ts';
import { userSshConfig } from '../../transport/ssh-config.ts';
import type { Hypervisor, VirtualMachinesSpec } from './contract.ts';
import { readMachinesFile } from './machines-file.ts';
import { withHypervisor } from './virtual-machines.ts';

/** Which virtual machines to keep: those of a file, or `none`. Default: those that this console made. */
export type SnapshotChoice = 'none' | { readonly file: string };

/** What was kept, and how it is let go. */
export interface UpgradeSnapshots {
  readonly label: string;
  readonly machines: readonly string[];
  /** The file of virtual machines, for `pilothouse vm`. */
  readonly file: string;
  drop(): Promise<void>;
}

/** Notes that the machines of `file` (an absolute path) are this cluster's, so that upgrades find them. */
export async function rememberMachinesFile(cluster: string, file: string, home?: string): Promise<void> {
  const { dir, machinesFile } = clusterPaths(cluster, home);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await writeFile(machinesFile, `${file}\n`, { mode: 0o600 });
}

/** The snapshots' name for an upgrade to `version`. */
export function upgradeLabel(version: string): string {
  return `before-${version.replaceAll(/[^A-Za-z0-9.-]/g, '-')}`;
}

/** Where an upgrade stands: what was kept for one that goes on stays; one that is over only lets go. */
export type UpgradeStage = 'begins' | 'goesOn' | 'over';

/**
 * Keeps the disks of those of the cluster's machines that are virtual; undefined when none is. Throws ProvisioningError
 * `VmSnapshot` before anything is touched.
 */
export async function snapshotBeforeUpgrade(
  spec: ClusterSpec,
  { version, stage }: { readonly version: string; readonly stage: UpgradeStage },
  options: RunOptions & { readonly snapshots?: SnapshotChoice },
): Promise<UpgradeSnapshots | undefined> {
  const file = await chosenFile(spec.name, options);
  if (file === undefined) return undefined;
  const vms = await read(spec, file);
  const label = upgradeLabel(version);
  const names = spec.machines.map(({ name }) => name);
  const machines = await withHypervisor(vms, options, (hypervisor, stages) =>
    takeAll(hypervisor, stages, { names, label, stage, file }),
  );
  if (machines.length === 0) return undefined;
  const drop = (): Promise<void> =>
    withHypervisor(vms, options, (hypervisor, stages) => dropAll(hypervisor, stages, machines, label));
  return { label, machines, file, drop };
}

interface Taking {
  /** Machines of the cluster; those that are not on the hypervisor are passed over. */
  readonly names: readonly string[];
  readonly label: string;
  readonly stage: UpgradeStage;
  readonly file: string;
}

/** Takes the snapshots that are not there yet; answers whose there are now. */
export async function takeAll(hypervisor: Hypervisor, stages: Stages, taking: Taking): Promise<string[]> {
  const { names, label, stage, file } = taking;
  const present = (await hypervisor.list()).filter(({ name }) => names.includes(name));
  const kept = present.filter(({ snapshots }) => snapshots.includes(label)).map(({ name }) => name);
  if (stage === 'over') return kept;
  const foreign = present.flatMap(({ name, snapshots }) =>
    snapshots.filter((each) => each !== label).map((each) => ({ machine: name, label: each })),
  );
  const [first] = foreign;
  if (first !== undefined) {
    const list = foreign.map((each) => `${each.machine}: ${each.label}`).join(', ');
    throw refused(text('error.vmSnapshot.there', { list }), text('error.vmSnapshot.there.remedy', { ...first, file }));
  }
  const isNew = stage === 'begins';
  if (isNew) await dropAll(hypervisor, stages, kept, label); // of an upgrade that has gone back
  const due = present.map(({ name }) => name).filter((name) => isNew || !kept.includes(name));
  const taken: string[] = [];
  try {
    for (const machine of due) {
      await stages.run(`snapshot@${machine}`, text('vm.snapshot', { machine, label }), () =>
        hypervisor.snapshot(machine, label),
      );
      taken.push(machine);
    }
  } catch (cause) {
    await dropAll(hypervisor, stages, taken, label);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw refused(text('error.vmSnapshot', { reason }), text('error.vmSnapshot.remedy'), cause);
  }
  return present.map(({ name }) => name);
}

/** Lets the snapshots go, one machine after the other: merging is work for the disk. */
export async function dropAll(
  hypervisor: Hypervisor,
  stages: Stages,
  machines: readonly string[],
  label: string,
): Promise<void> {
  for (const machine of machines)
    await stages.run(`drop@${machine}`, text('vm.drop', { machine, label }), () =>
      hypervisor.dropSnapshot(machine, label),
    );
}

async function chosenFile(
  cluster: string,
  { home, snapshots }: RunOptions & { readonly snapshots?: SnapshotChoice },
): Promise<string | undefined> {
  if (snapshots === 'none') return undefined;
  if (snapshots !== undefined) return snapshots.file;
  try {
    return (await readFile(clusterPaths(cluster, home).machinesFile, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined; // its machines were not made from here
    throw error;
  }
}

async function read({ name }: ClusterSpec, file: string): Promise<VirtualMachinesSpec> {
  let content: string;
  try {
    content = await readFile(file, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw refused(text('error.vmSnapshot', { reason }), text('error.vmSnapshot.remedy'), cause);
  }
  const vms = readMachinesFile(content, { baseDir: dirname(file), sshConfig: userSshConfig() });
  if (vms.cluster === name) return vms;
  const reason = `${file}: ${vms.cluster} ≠ ${name}`;
  throw refused(text('error.vmSnapshot', { reason }), text('error.vmSnapshot.remedy'));
}

function refused(
  message: ReturnType<typeof text>,
  remedy: ReturnType<typeof text>,
  cause?: unknown,
): ProvisioningError {
  return new ProvisioningError('VmSnapshot', message, remedy, cause);
}
