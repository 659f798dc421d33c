// What an administrator does with virtual machines: make them, end them, keep and restore their disks. A machine that is made
// is ready when cloud-init has finished and answers with the host key that it was given; running again goes on.
import { systemClock } from '../../../machinery/clock.ts';
import type { MachineSpec, RunOptions } from '../../contract.ts';
import { ProvisioningError } from '../../errors.ts';
import { text } from '../../messages/text.ts';
import { clusterPaths } from '../../paths.ts';
import { createStages, type Stages } from '../../run/stages.ts';
import { generateHostKey } from '../../transport/host-key.ts';
import { openKnownHosts } from '../../transport/known-hosts.ts';
import { connectSsh } from '../../transport/ssh.ts';
import { sshOptions } from '../../transport/with-machine.ts';
import type { Hypervisor, VirtualMachine, VirtualMachineSpec, VirtualMachinesSpec } from './contract.ts';
import { createLibvirt } from './libvirt.ts';
import { seedOf } from './seed.ts';

export interface VmOptions extends RunOptions {
  /** How long a machine may take to set itself up. Default 600; emulated ones take minutes. */
  readonly bootSeconds?: number;
}

/** How a machine of the file is logged in to: what a cluster file says of it. */
export function machineOfVm(spec: VirtualMachinesSpec, { name, role, cidr }: VirtualMachineSpec): MachineSpec {
  const { host, isJumpHost } = spec.hypervisor;
  const { user, credentials } = spec.login;
  const { address, port, user: via, credentials: own } = host;
  const jump = isJumpHost ? { jump: [...(host.jump ?? []), { address, port, user: via, credentials: own }] } : {};
  return { name, role, address: cidr.split('/')[0] ?? cidr, port: 22, user, credentials, ...jump };
}

/** The machines `names` of the file (default: all); throws ProvisioningError `VmUnknown`. */
export function chooseVms(spec: VirtualMachinesSpec, names: readonly string[]): readonly VirtualMachineSpec[] {
  if (names.length === 0) return spec.machines;
  return names.map((name) => {
    const found = spec.machines.find((machine) => machine.name === name);
    if (found !== undefined) return found;
    const known = spec.machines.map((machine) => machine.name).join(', ');
    throw new ProvisioningError(
      'VmUnknown',
      text('error.vmUnknown', { name }),
      text('error.vmUnknown.remedy', { known }),
    );
  });
}

/** Connects to the hypervisor, does `work` with its adapter, closes. */
export async function withHypervisor<T>(
  spec: VirtualMachinesSpec,
  options: VmOptions,
  work: (hypervisor: Hypervisor, stages: Stages) => Promise<T>,
): Promise<T> {
  const stages = createStages(options.onProgress, 'vm');
  const { host } = spec.hypervisor;
  const transport = await stages.run('connect', text('vm.connect', { host: host.address }), async () =>
    connectSsh(host, await sshOptions(spec.cluster, options)),
  );
  try {
    const adapter = createLibvirt(transport, spec.hypervisor, { cluster: spec.cluster, signal: options.signal });
    return await work(adapter, stages);
  } finally {
    transport.close();
  }
}

/** Makes and starts the machines that are not there, and waits until all have set themselves up. */
export function createVms(
  spec: VirtualMachinesSpec,
  names: readonly string[] = [],
  options: VmOptions = {},
): Promise<readonly MachineSpec[]> {
  const wanted = chooseVms(spec, names);
  return withHypervisor(spec, options, async (hypervisor, stages) => {
    const present = new Set((await hypervisor.list()).map(({ name }) => name));
    const absent = wanted.filter(({ name }) => !present.has(name));
    await stages.run('check', text('vm.check'), () => hypervisor.check(absent));
    const knownHosts = openKnownHosts(clusterPaths(spec.cluster, options.home).knownHosts);
    for (const machine of absent) {
      await stages.run(`create@${machine.name}`, text('vm.create', { machine: machine.name }), async () => {
        const hostKey = generateHostKey(machine.name);
        await hypervisor.create(machine, seedOf(spec, machine, hostKey));
        const { address, port } = machineOfVm(spec, machine);
        knownHosts.unpin(address, port); // whoever had the address before is not this machine
        knownHosts.pin(address, port, hostKey.wire);
      });
    }
    for (const { name } of wanted) await hypervisor.start(name);
    const machines = wanted.map((machine) => machineOfVm(spec, machine));
    await Promise.all(
      machines.map((machine) =>
        stages.run(`boot@${machine.name}`, text('vm.boot', { machine: machine.name }), () =>
          untilSetUp(spec, machine, options),
        ),
      ),
    );
    return machines;
  });
}

/** cloud-init writes this file last. */
const finished = '/var/lib/cloud/instance/boot-finished';

async function untilSetUp(spec: VirtualMachinesSpec, machine: MachineSpec, options: VmOptions): Promise<void> {
  const seconds = options.bootSeconds ?? 600;
  const deadline = systemClock.now() + seconds * 1000;
  for (;;) {
    const reason = await askIfSetUp(spec, machine, options);
    if (reason === undefined) return;
    if (systemClock.now() > deadline) {
      const log = `${spec.hypervisor.folder}/${spec.cluster}/${machine.name}.log`;
      throw new ProvisioningError(
        'VmBoot',
        text('error.vmBoot', { machine: machine.name, seconds, reason }),
        text('error.vmBoot.remedy', { log }),
      );
    }
    await systemClock.sleep(2_000, options.signal);
  }
}

/** Why the machine is not set up yet; a host key that is not the one it was given ends the wait at once. */
async function askIfSetUp(
  spec: VirtualMachinesSpec,
  machine: MachineSpec,
  options: VmOptions,
): Promise<string | undefined> {
  try {
    const transport = await connectSsh(machine, { ...(await sshOptions(spec.cluster, options)), timeoutMs: 60_000 });
    try {
      const { code } = await transport.exec(`[ -e ${finished} ]`);
      return code === 0 ? undefined : 'cloud-init has not finished';
    } finally {
      transport.close();
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof ProvisioningError && error.reason === 'HostKeyChanged') throw error;
    return error instanceof Error ? error.message : String(error);
  }
}

/** What there is of the file's machines. */
export function listVms(spec: VirtualMachinesSpec, options: VmOptions = {}): Promise<readonly VirtualMachine[]> {
  return withHypervisor(spec, options, (hypervisor) => hypervisor.list());
}

async function each(
  spec: VirtualMachinesSpec,
  names: readonly string[],
  options: VmOptions,
  title: 'vm.start' | 'vm.stop' | 'vm.remove' | 'vm.snapshot' | 'vm.drop',
  work: (hypervisor: Hypervisor, name: string) => Promise<void>,
  values: Readonly<Record<string, string>> = {},
): Promise<void> {
  const machines = chooseVms(spec, names);
  await withHypervisor(spec, options, async (hypervisor, stages) => {
    for (const { name: machine } of machines)
      await stages.run(`${title.slice(3)}@${machine}`, text(title, { ...values, machine }), () =>
        work(hypervisor, machine),
      );
  });
}

/** Starts machines that are off. */
export function startVms(spec: VirtualMachinesSpec, names: readonly string[], options: VmOptions = {}): Promise<void> {
  return each(spec, names, options, 'vm.start', (hypervisor, name) => hypervisor.start(name));
}

/** Shuts machines down; after `graceSeconds` (default 120) their power is cut. */
export function stopVms(
  spec: VirtualMachinesSpec,
  names: readonly string[],
  options: VmOptions & { readonly graceSeconds?: number } = {},
): Promise<void> {
  return each(spec, names, options, 'vm.stop', (hypervisor, name) =>
    hypervisor.stop(name, options.graceSeconds ?? 120),
  );
}

/** Takes machines and their disks away, and forgets their host keys. */
export function removeVms(spec: VirtualMachinesSpec, names: readonly string[], options: VmOptions = {}): Promise<void> {
  const knownHosts = openKnownHosts(clusterPaths(spec.cluster, options.home).knownHosts);
  return each(spec, names, options, 'vm.remove', async (hypervisor, name) => {
    await hypervisor.remove(name);
    for (const machine of chooseVms(spec, [name])) {
      const { address, port } = machineOfVm(spec, machine);
      knownHosts.unpin(address, port);
    }
  });
}

/** Keeps the disks of machines as they are now; the machines go on. */
export function snapshotVms(
  spec: VirtualMachinesSpec,
  names: readonly string[],
  label: string,
  options: VmOptions = {},
): Promise<void> {
  return each(spec, names, options, 'vm.snapshot', (hypervisor, name) => hypervisor.snapshot(name, label), { label });
}

/** Forgets snapshots where there are some of that name. */
export function dropVmSnapshots(
  spec: VirtualMachinesSpec,
  names: readonly string[],
  label: string,
  options: VmOptions = {},
): Promise<void> {
  return each(spec, names, options, 'vm.drop', (hypervisor, name) => hypervisor.dropSnapshot(name, label), { label });
}

/**
 * Brings machines back to a snapshot and starts them. All of them are off before the first goes back, and one master of
 * several never goes back alone: throws ProvisioningError `VmRevertOne` before anything is touched.
 */
export async function revertVms(
  spec: VirtualMachinesSpec,
  names: readonly string[],
  label: string,
  options: VmOptions = {},
): Promise<void> {
  const chosen = chooseVms(spec, names);
  const isMaster = ({ role }: VirtualMachineSpec): boolean => role !== 'node';
  const masters = spec.machines.filter(isMaster);
  const going = chosen.filter(isMaster);
  if (going.length > 0 && going.length < masters.length)
    throw new ProvisioningError('VmRevertOne', text('error.vmRevertOne'), text('error.vmRevertOne.remedy'));
  await withHypervisor(spec, options, async (hypervisor, stages) => {
    for (const { name } of chosen)
      await stages.run(`stop@${name}`, text('vm.stop', { machine: name }), () => hypervisor.stop(name, 0));
    for (const { name } of chosen)
      await stages.run(`revert@${name}`, text('vm.revert', { machine: name, label }), () =>
        hypervisor.revert(name, label),
      );
    for (const { name } of chosen)
      await stages.run(`start@${name}`, text('vm.start', { machine: name }), () => hypervisor.start(name));
  });
}
