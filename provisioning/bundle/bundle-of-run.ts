// A run's bundle, opened once, and what steps take from it: programs by architecture, and the packages that one machine
// lacks. Which those are is decided by the machine's own apt against the bundle's index; nothing is fetched by it.
import { readFile, stat } from 'node:fs/promises';
import type { MachineFacts, ProvisionOptions } from '../contract.ts';
import { ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';
import type { Transport } from '../transport/contract.ts';
import type { PackageBundle } from './debian-packages.ts';
import { targetFor } from './manifest.ts';
import { type OpenBundle, openBundle } from './open-bundle.ts';
import type { ProgramsArchive } from './programs.ts';

interface Run {
  readonly options: ProvisionOptions;
  readonly signal: AbortSignal;
  once<T>(key: string, make: () => Promise<T>): Promise<T>;
}

/** The bundle that the run was given, verified; undefined when it was given none. */
export function bundleOf({ options, signal, once }: Run): Promise<OpenBundle | undefined> {
  const { bundle, bundleKey, home, cacheDir } = options;
  if (bundle === undefined) return Promise.resolve(undefined);
  return once('bundle', () => openBundle(bundle, { home, cacheDir, key: bundleKey, signal }));
}

/** The programs for machines of `arch`; throws ProvisioningError `BundleLacks`. */
export function programsFrom(bundle: OpenBundle, arch: string): ProgramsArchive {
  const found = bundle.manifest.programs.find((each) => each.arch === arch);
  if (found === undefined) throw bundleLacks(arch, arch);
  const programs = (): ReturnType<ProgramsArchive['programs']> =>
    Promise.all(found.files.map(async ({ name, path }) => ({ name, gzipped: await readFile(bundle.locate(path)) })));
  const runtime = { path: bundle.locate(found.runtime), id: found.runtimeId };
  return { version: found.version, runtime, programs };
}

interface Machine {
  readonly facts: MachineFacts;
  readonly transport: Transport;
}

/** Where the machine's apt is asked; what a power cut leaves of it goes with the packages. */
export const askingFolder = '/var/lib/pilothouse/packages/index';
const folder = askingFolder;
const statusFile = `${folder}/status`;

/**
 * Asks the machine's apt what `wanted` needs there, with the bundle's index as its only source, and `statusFile` in place
 * of dpkg's own where there is one. Leaves nothing behind.
 */
const simulate = (wanted: readonly string[], hasStatus: boolean): string => `set -e
trap 'rm -rf ${folder}; rmdir -p --ignore-fail-on-non-empty /var/lib/pilothouse/packages' EXIT; ${hasStatus ? '' : `rm -rf ${folder}; `}umask 022; mkdir -p ${folder}/lists/partial ${folder}/archives/partial; cd ${folder}
cat > Packages; echo 'deb [trusted=yes] file:${folder} ./' > sources.list
ask() { apt-get -q -o Dir::Etc::sourcelist=${folder}/sources.list -o Dir::Etc::sourceparts=/dev/null -o Dir::State::lists=${folder}/lists/ \\
  -o Dir::Cache::archives=${folder}/archives/ -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root -o Debug::NoLocking=1 ${hasStatus ? `-o Dir::State::status=${statusFile}` : ''} "$@"; }
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
ask update >/dev/null
ask -s --no-install-recommends --no-upgrade install ${wanted.join(' ')}`;

/** The files of the bundle that bring `wanted` and what they need onto the machine, were `status` what its dpkg says. */
export async function packagesFrom(
  bundle: OpenBundle,
  { facts, transport }: Machine,
  wanted: readonly string[],
  status?: string,
): Promise<PackageBundle> {
  const target = targetFor(bundle.manifest, facts);
  if (target === undefined) throw bundleLacks(facts.machine, `${facts.osId}-${facts.osVersion}/${facts.arch}`);
  const index = await readFile(bundle.locate(target.index));
  if (status !== undefined)
    await transport.run(`rm -rf ${folder}; umask 022; mkdir -p ${folder}; cat > ${statusFile}`, { stdin: status });
  const answer = await transport.run(simulate(wanted, status !== undefined), { stdin: index });
  const byName = new Map(target.packages.map((each) => [each.name, each]));
  // "Inst NAME [old version] (new version …)"
  const names = answer.split('\n').flatMap((line) => /^Inst ([^ :]+)/.exec(line)?.[1] ?? []);
  const files = names.map((name) => {
    const found = byName.get(name);
    if (found === undefined) throw new Error(`apt on ${facts.machine} wants ${name}, which the bundle does not list`);
    return bundle.locate(found.path);
  });
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return { files, sizeBytes: sizes.reduce((sum, size) => sum + size, 0) };
}

function bundleLacks(machine: string, system: string): ProvisioningError {
  const values = { machine, system };
  return new ProvisioningError(
    'BundleLacks',
    text('error.bundleLacks', values),
    text('error.bundleLacks.remedy', values),
  );
}
