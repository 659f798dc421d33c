// A lab: bare machines made on this computer, then provisioned over SSH by the same code as any others. `labUp` goes on
// where an earlier call stopped and answers in seconds when all runs; `labDown` removes everything by id.
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fetchDebianPackages, hostDistribution } from '../bundle/debian-packages.ts';
import { runCommand } from '../bundle/run-command.ts';
import { programsAreBuilt } from '../bundle/programs.ts';
import { createClusterSpec } from '../cluster-file.ts';
import type { ClusterSpec, LabOptions, LabStatus, RunOptions } from '../contract.ts';
import { ProvisioningError } from '../errors.ts';
import { distros, packagesFor } from '../distro/distro.ts';
import { buildSampleImage } from '../images/sample-image.ts';
import { text } from '../messages/text.ts';
import { cacheDir, clusterPaths } from '../paths.ts';
import { provision } from '../provision.ts';
import { waitForCluster } from '../run/wait-for-cluster.ts';
import { ensureBaseTree } from './lab/base-tree.ts';
import { bootContainer, endContainer, newMachineId, removeContainerDisk } from './lab/container.ts';
import { bridgeOf, chooseSubnet, ensureNetwork, labAddress, removeNetwork, subnetOf } from './lab/network.ts';
import { requireLab } from './lab/requirements.ts';
import { createStages, type Stages } from './lab/stages.ts';
import { isAlive, labPaths, type LabPaths, type LabState, lockLab, readLabState, writeLabState } from './lab/state.ts';
import { waitForSsh } from './lab/wait-for-ssh.ts';

const defaults = { name: 'lab', masters: 1, workers: 2 } as const;
const podCidr = '10.244.0.0/16';
const serviceCidr = '10.96.0.0/16';
const bootTimeoutSeconds = 60;

/** Makes the lab, or goes on making it, or finds it running. */
export async function labUp(options: LabOptions = {}): Promise<LabStatus> {
  requireLab();
  const name = options.name ?? defaults.name;
  const paths = labPaths(name, options.home);
  const stages = createStages(options.onProgress);
  const lock = await lockLab(paths);
  try {
    const state = (await existing(paths, name, options)) ?? (await create(paths, name, options, stages));
    const fetched =
      options.bare === true || isProvisioned(state, options) ? undefined : prefetch(state, options, stages);
    fetched?.catch(() => undefined); // reported below, also when booting fails first
    const booted = await boot(state, paths, options, stages);
    await fetched;
    if (options.bare !== true && !isProvisioned(state, options)) {
      await provisionLab(state, paths, options, stages);
      state.provisioned = true;
      await writeLabState(paths, state);
    } else if (options.bare !== true && booted) {
      const cluster = labSpec(state, paths);
      await stages.run('ready', text('lab.ready'), () => waitForCluster(cluster, options));
    }
    return { ...statusOf(state, paths, options), stages: stages.done };
  } finally {
    lock.release();
  }
}

/** What there is of the lab, without changing anything. */
export async function labStatus(options: { readonly name?: string; readonly home?: string } = {}): Promise<LabStatus> {
  const name = options.name ?? defaults.name;
  const paths = labPaths(name, options.home);
  const state = await readLabState(paths);
  if (state !== undefined) return statusOf(state, paths, options);
  return {
    name,
    state: 'absent',
    kind: 'container',
    machines: [],
    consoleCommand: 'pilothouse console',
    removeCommand: `pilothouse lab down --name ${name}`,
  };
}

/** Removes machines, network and files of the lab. Finds nothing to do when there is none. */
export async function labDown(options: RunOptions & { readonly name?: string } = {}): Promise<void> {
  const name = options.name ?? defaults.name;
  const paths = labPaths(name, options.home);
  const state = await readLabState(paths);
  if (state === undefined) return rm(paths.dir, { recursive: true, force: true });
  requireLab();
  const lock = await lockLab(paths);
  try {
    await createStages(options.onProgress).run('remove', text('lab.remove', { name }), async () => {
      await Promise.all(state.machines.map((machine) => endContainer(machine, paths)));
      await removeNetwork(state);
      await Promise.all(state.machines.map((machine) => removeContainerDisk(machine, paths)));
      await rm(clusterPaths(name, options.home).dir, { recursive: true, force: true });
      await rm(paths.dir, { recursive: true, force: true });
    });
  } finally {
    lock.release();
  }
}

async function existing(paths: LabPaths, name: string, options: LabOptions): Promise<LabState | undefined> {
  const state = await readLabState(paths);
  if (state === undefined) return undefined;
  const masters = state.machines.filter((machine) => machine.role !== 'node').length;
  const workers = state.machines.length - masters;
  if ((options.masters ?? masters) !== masters || (options.workers ?? workers) !== workers) {
    throw new ProvisioningError(
      'LabShape',
      text('lab.shape', { name, masters, workers }),
      text('lab.shape.remedy', { name }),
    );
  }
  return state;
}

async function create(paths: LabPaths, name: string, options: LabOptions, stages: Stages): Promise<LabState> {
  const masters = options.masters ?? defaults.masters;
  const workers = options.workers ?? defaults.workers;
  const baseTree = await stages.run('base-tree', text('lab.baseTree'), (log) =>
    ensureBaseTree({ cacheDir: cacheDir(options.cacheDir), signal: options.signal, onOutput: log }),
  );
  const subnetNumber = await chooseSubnet();
  const member = (role: 'master' | 'node' | 'both', label: string, index: number): LabState['machines'][number] => ({
    name: label,
    id: `phlab${subnetNumber}-${index}`,
    address: labAddress(subnetNumber, 10 + index),
    role,
    machineId: newMachineId(),
  });
  const machines = [
    ...Array.from({ length: masters }, (_, index) =>
      member(workers === 0 ? 'both' : 'master', `master-${index + 1}`, index + 1),
    ),
    ...Array.from({ length: workers }, (_, index) => member('node', `worker-${index + 1}`, masters + index + 1)),
  ];
  const state: LabState = {
    version: 1,
    name,
    kind: options.machines ?? 'container',
    subnetNumber,
    podCidr,
    serviceCidr,
    baseTree,
    machines,
    provisioned: false,
  };
  labSpec(state, paths); // refuses an impossible shape (no master, an even number) before anything is made
  await writeLabState(paths, state);
  return state;
}

/** True when the cluster was built to its end and not taken off its machines since. */
function isProvisioned(state: LabState, options: { readonly home?: string }): boolean {
  return state.provisioned && existsSync(clusterPaths(state.name, options.home).kubeconfig);
}

/** Fetches what the machines will need while they boot; the steps find it in the cache. */
async function prefetch(state: LabState, options: LabOptions, stages: Stages): Promise<void> {
  const host = await hostDistribution();
  const distro = distros.find((candidate) => candidate.id === host.id && candidate.codename === host.codename);
  if (distro === undefined || options.packages === 'none') return;
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  await stages.run('packages', text('lab.packages'), async (onOutput) => {
    const status = await readFile(join(state.baseTree, 'var/lib/dpkg/status'), 'utf8');
    for (const role of new Set(state.machines.map((machine) => machine.role))) {
      await fetchDebianPackages(status, packagesFor(distro, role), {
        cacheDir: cacheDir(options.cacheDir),
        arch,
        signal: options.signal,
        onOutput,
      });
    }
  });
}

/** Boots what is not running; resolves with whether anything had to be booted. */
async function boot(state: LabState, paths: LabPaths, options: LabOptions, stages: Stages): Promise<boolean> {
  if (!existsSync(paths.key)) {
    await mkdir(dirname(paths.key), { recursive: true, mode: 0o700 });
    await runCommand('ssh-keygen', [
      '-q',
      '-t',
      'ed25519',
      '-N',
      '',
      '-C',
      `pilothouse lab ${state.name}`,
      '-f',
      paths.key,
    ]);
  }
  await stages.run('network', text('lab.network', { subnet: subnetOf(state) }), () => ensureNetwork(state));
  const allRun = state.machines.every((machine) => isAlive(machine.process));
  await stages.run('boot', text('lab.bootAll', { count: state.machines.length }), async () => {
    for (const machine of state.machines) {
      machine.process = await bootContainer(state, machine, paths);
      await writeLabState(paths, state);
    }
    await Promise.all(
      state.machines.map(async (machine) => {
        if (await waitForSsh(machine.address, bootTimeoutSeconds * 1000, options.signal)) return;
        const log = `${paths.machine(machine.name)}/console.log`;
        const message = text('lab.bootTimeout', { machine: machine.name, seconds: bootTimeoutSeconds });
        throw new ProvisioningError('BootTimeout', message, text('lab.bootTimeout.remedy', { log }));
      }),
    );
  });
  return !allRun;
}

async function provisionLab(state: LabState, paths: LabPaths, options: LabOptions, stages: Stages): Promise<void> {
  if (options.programsDir === undefined && !programsAreBuilt()) {
    throw new ProvisioningError(
      'ProgramsMissing',
      text('error.programs', { path: 'dist/control-plane.mjs' }),
      text('error.programs.remedy'),
    );
  }
  const image = await stages.run('image', text('lab.image'), () => buildSampleImage(options));
  await stages.run('provision', text('lab.provision'), async () => {
    const result = await provision(labSpec(state, paths), { ...options, images: [image, ...(options.images ?? [])] });
    if (result.ok) return;
    const failed = result.steps.find((step) => step.state === 'failed');
    throw new ProvisioningError(
      'Provision',
      text('error.other', { reason: failed?.error ?? 'cancelled' }),
      text('error.step.remedy'),
    );
  });
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

function statusOf(state: LabState, paths: LabPaths, options: { readonly home?: string }): LabStatus {
  const machines = state.machines.map(({ name, address, role, process }) => ({
    name,
    address,
    role,
    user: 'root',
    keyPath: paths.key,
    running: isAlive(process),
  }));
  const running = machines.filter((machine) => machine.running).length;
  const cluster = clusterPaths(state.name, options.home);
  const provisioned = isProvisioned(state, options);
  const isWhole = running === machines.length && provisioned;
  const whole = isWhole ? 'running' : running === 0 ? 'stopped' : 'partial';
  return {
    name: state.name,
    state: whole,
    kind: state.kind,
    machines,
    subnet: subnetOf(state),
    bridge: bridgeOf(state),
    clusterFile: provisioned ? cluster.clusterFile : undefined,
    kubeconfigPath: provisioned ? cluster.kubeconfig : undefined,
    consoleCommand: 'pilothouse console',
    removeCommand: `pilothouse lab down --name ${state.name}`,
  };
}
