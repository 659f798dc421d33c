// A lab: bare machines made on this computer, then provisioned over SSH by the same code as any others. `labUp` goes on
// where an earlier call stopped and answers in seconds when all runs; `labDown` removes everything by id.
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { LabOptions, LabStatus, RunOptions } from '../contract.ts';
import { text } from '../messages/text.ts';
import { clusterPaths } from '../paths.ts';
import { waitForCluster } from '../run/wait-for-cluster.ts';
import { bootLab, keepers } from './lab/boot.ts';
import { createLab, findLab, labSpec } from './lab/create.ts';
import { removeDisk } from './lab/keeper.ts';
import { bridgeOf, removeNetwork, subnetOf } from './lab/network.ts';
import { packForLab, prefetchPackages, provisionLab } from './lab/prepare.ts';
import { requireLab } from './lab/requirements.ts';
import { createStages } from '../run/stages.ts';
import { isAlive, labPaths, type LabPaths, type LabState, lockLab, readLabState, writeLabState } from './lab/state.ts';

const defaultName = 'lab';

/**
 * Makes the lab, or goes on making it, or finds it running. Programs that were built anew since are brought onto the
 * machines. Throws ProvisioningError; what was made so far stays and is taken up by the next call.
 */
export async function labUp(options: LabOptions = {}): Promise<LabStatus> {
  requireLab(options.machines ?? 'container');
  const name = options.name ?? defaultName;
  const paths = labPaths(name, options.home);
  const stages = createStages(options.onProgress);
  const lock = await lockLab(paths);
  try {
    const state = (await findLab(paths, name, options)) ?? (await createLab(paths, name, options, stages));
    if (options.bare === true) await bootLab(state, paths, options, stages);
    else await bringUp(state, paths, options, stages);
    return { ...statusOf(state, paths, options), stages: stages.done };
  } finally {
    lock.release();
  }
}

async function bringUp(
  state: LabState,
  paths: LabPaths,
  options: LabOptions,
  stages: ReturnType<typeof createStages>,
): Promise<void> {
  const wasFinished = isProvisioned(state, options);
  const fetched = wasFinished ? undefined : prefetchPackages(state, options, stages);
  fetched?.catch(() => undefined); // reported below, also when booting fails first
  const booted = await bootLab(state, paths, options, stages);
  await fetched;
  const programs = await packForLab(state, options, stages);
  if (!wasFinished || state.programs !== programs) {
    await provisionLab(state, paths, options, stages);
    state.programs = programs;
    await writeLabState(paths, state);
  } else if (booted) {
    await stages.run('ready', text('lab.ready'), () => waitForCluster(labSpec(state, paths), options));
  }
}

/** What there is of the lab, without changing anything. */
export async function labStatus(options: { readonly name?: string; readonly home?: string } = {}): Promise<LabStatus> {
  const name = options.name ?? defaultName;
  const paths = labPaths(name, options.home);
  const state = await readLabState(paths);
  if (state !== undefined) return statusOf(state, paths, options);
  return { name, state: 'absent', kind: 'container', machines: [], ...commands(name) };
}

/** Removes machines, network and files of the lab. Finds nothing to do when there is none. */
export async function labDown(options: RunOptions & { readonly name?: string } = {}): Promise<void> {
  const name = options.name ?? defaultName;
  const paths = labPaths(name, options.home);
  const state = await readLabState(paths);
  if (state === undefined) return rm(paths.dir, { recursive: true, force: true });
  requireLab(state.kind);
  const lock = await lockLab(paths);
  try {
    await createStages(options.onProgress).run('remove', text('lab.remove', { name }), async () => {
      await Promise.all(state.machines.map((machine) => keepers[state.kind].end(machine, paths)));
      await removeNetwork(state);
      await Promise.all(state.machines.map((machine) => removeDisk(machine, paths)));
      await rm(clusterPaths(name, options.home).dir, { recursive: true, force: true });
      await rm(paths.dir, { recursive: true, force: true });
    });
  } finally {
    lock.release();
  }
}

/** True when the cluster was built to its end and not taken off its machines since. */
function isProvisioned(state: LabState, options: { readonly home?: string }): boolean {
  return state.programs !== undefined && existsSync(clusterPaths(state.name, options.home).kubeconfig);
}

function statusOf(state: LabState, paths: LabPaths, options: { readonly home?: string }): LabStatus {
  const machines = state.machines.map(({ name, address, role, process }) => {
    return { name, address, role, user: 'root', keyPath: paths.key, running: isAlive(process) };
  });
  const running = machines.filter((machine) => machine.running).length;
  const provisioned = isProvisioned(state, options);
  const isWhole = running === machines.length && provisioned;
  const cluster = clusterPaths(state.name, options.home);
  return {
    name: state.name,
    state: isWhole ? 'running' : running === 0 ? 'stopped' : 'partial',
    kind: state.kind,
    machines,
    subnet: subnetOf(state),
    bridge: bridgeOf(state),
    clusterFile: provisioned ? cluster.clusterFile : undefined,
    kubeconfigPath: provisioned ? cluster.kubeconfig : undefined,
    ...commands(state.name),
  };
}

function commands(name: string): { consoleCommand: string; removeCommand: string } {
  return {
    consoleCommand: 'npx --no-install pilothouse console',
    removeCommand: `npx --no-install pilothouse lab down --name ${name}`,
  };
}
