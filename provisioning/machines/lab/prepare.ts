// What a lab's machines will need, made ready on this computer: packages while they boot, programs, the sample image.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { programsFrom } from '../../bundle/bundle-of-run.ts';
import { openBundle } from '../../bundle/open-bundle.ts';
import { fetchDebianPackages, hostDistribution } from '../../bundle/debian-packages.ts';
import { packPrograms, programsAreBuilt } from '../../bundle/programs.ts';
import type { LabOptions } from '../../contract.ts';
import { distros, masterPackagesFor, nodePackagesFor } from '../../distro/distro.ts';
import { ProvisioningError } from '../../errors.ts';
import { buildSampleImage } from '../../images/sample-image.ts';
import { text } from '../../messages/text.ts';
import { cacheDir } from '../../paths.ts';
import { provision } from '../../provision.ts';
import { labSpec } from './create.ts';
import type { Stages } from '../../run/stages.ts';
import type { LabPaths, LabState } from './state.ts';

/** Debian's name of this computer's processor. */
function hostArch(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch;
}

/** Fetches the packages that the machines will lack; the steps find them in the cache. */
export async function prefetchPackages(state: LabState, options: LabOptions, stages: Stages): Promise<void> {
  const host = await hostDistribution();
  const distro = distros.find((candidate) => candidate.id === host.id && candidate.codename === host.codename);
  const isOther = state.release !== undefined && state.release !== host.codename;
  if (distro === undefined || options.packages === 'none' || options.bundle !== undefined || isOther) return;
  await stages.run('packages', text('lab.packages'), async (onOutput) => {
    const status = await readFile(join(state.baseTree, 'var/lib/dpkg/status'), 'utf8');
    const cache = { cacheDir: cacheDir(options.cacheDir), arch: hostArch(), signal: options.signal, onOutput };
    // As the steps ask for them: etcd for masters, all else for everyone.
    for (const wanted of [masterPackagesFor(distro), nodePackagesFor(distro, state.kind === 'vm')])
      await fetchDebianPackages(status, wanted, cache);
  });
}

/** Packs what will run on the machines; resolves with its version. A finished lab does without a build. */
export async function packForLab(state: LabState, options: LabOptions, stages: Stages): Promise<string> {
  if (state.programs !== undefined && !programsAreBuilt(options.programsDir)) return state.programs;
  if (options.bundle !== undefined) {
    const { bundle, bundleKey: key, home, cacheDir: cache, signal } = options;
    const opened = await openBundle(bundle, { key, home, cacheDir: cache, signal });
    return (await programsFrom(opened, hostArch())).version;
  }
  const { programsDir, nodePath, signal } = options;
  const pack = { programsDir, nodePath, cacheDir: cacheDir(options.cacheDir), arch: hostArch(), signal };
  return (await stages.run('runtime', text('lab.runtime'), () => packPrograms(pack))).version;
}

/** Makes the machines into a cluster, by the road that any machines go. */
export async function provisionLab(
  state: LabState,
  paths: LabPaths,
  options: LabOptions,
  stages: Stages,
): Promise<void> {
  const image = await stages.run('image', text('lab.image'), () => buildSampleImage(options));
  await stages.run('provision', text('lab.provision'), async () => {
    const result = await provision(labSpec(state, paths), { ...options, images: [image, ...(options.images ?? [])] });
    if (result.ok) return;
    const failed = result.steps.find((step) => step.state === 'failed');
    const reason = failed?.error ?? 'cancelled';
    throw new ProvisioningError('Provision', text('error.other', { reason }), text('error.step.remedy'));
  });
}
