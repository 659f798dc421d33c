// Debian packages with exactly the dependencies that a given machine lacks, fetched with this computer's own apt and its
// configured sources, against the machine's dpkg status. Cached by status and names; a cache entry is whole or absent.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';
import { CommandFailed, runCommand } from './run-command.ts';

/** A folder of .deb files. */
export interface PackageBundle {
  readonly dir: string;
  readonly files: readonly string[];
  readonly sizeBytes: number;
}

export interface FetchOptions {
  readonly cacheDir: string;
  readonly arch: string;
  readonly signal?: AbortSignal;
  readonly onOutput?: (text: string) => void;
}

/** Fetches `names` and what they need beyond `dpkgStatus` (the text of /var/lib/dpkg/status). */
export async function fetchDebianPackages(
  dpkgStatus: string,
  names: readonly string[],
  options: FetchOptions,
): Promise<PackageBundle> {
  const key = createHash('sha256')
    .update(JSON.stringify([options.arch, [...names].sort(), installedVersions(dpkgStatus)]))
    .digest('hex');
  const parent = join(options.cacheDir, 'debian-packages');
  const dir = join(parent, key.slice(0, 24));
  if (!existsSync(dir)) {
    await mkdir(parent, { recursive: true });
    const work = await mkdtemp(join(parent, 'unfinished-'));
    try {
      await download(work, dpkgStatus, names, options);
      await rename(join(work, 'archives'), dir).catch((error: unknown) => {
        if (!existsSync(dir)) throw error; // else another run was quicker
      });
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }
  const files = (await readdir(dir))
    .filter((name) => name.endsWith('.deb'))
    .sort()
    .map((name) => join(dir, name));
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return { dir, files, sizeBytes: sizes.reduce((sum, size) => sum + size, 0) };
}

/** The names of the packages in a bundle. */
export function packageNames(bundle: PackageBundle): string[] {
  return bundle.files.map((file) => basename(file).split('_')[0] ?? '');
}

async function download(
  work: string,
  dpkgStatus: string,
  names: readonly string[],
  options: FetchOptions,
): Promise<void> {
  await mkdir(join(work, 'archives', 'partial'), { recursive: true });
  await mkdir(join(work, 'lists', 'partial'), { recursive: true });
  const statusFile = join(work, 'status');
  await writeFile(statusFile, dpkgStatus);
  const settings = {
    'APT::Architecture': options.arch,
    'APT::Sandbox::User': 'root',
    'Dir::State::status': statusFile,
    'Dir::State::extended_states': '/dev/null',
    'Dir::Cache::archives': `${join(work, 'archives')}/`,
    'Dir::Cache::pkgcache': '',
    'Dir::Cache::srcpkgcache': '',
    'Debug::NoLocking': '1',
  };
  const apt = (extra: Record<string, string>, ...args: string[]): Promise<string> => {
    const flags = Object.entries({ ...settings, ...extra }).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    const env = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
    return runCommand('apt-get', [...flags, ...args], { env, signal: options.signal, onOutput: options.onOutput });
  };
  const install = ['-y', '-q', '--no-install-recommends', '--no-upgrade', '--download-only', 'install', ...names];
  try {
    await apt({}, ...install);
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    if (error.code === null) throw aptMissing(error);
    // This computer's package lists are absent or out of date: use fresh ones of our own, and leave its own alone.
    const own = { 'Dir::State::lists': `${join(work, 'lists')}/` };
    try {
      await apt(own, '-q', 'update');
      await apt(own, ...install);
    } catch (second) {
      throw second instanceof CommandFailed ? aptMissing(second) : second;
    }
  }
  await rm(join(work, 'archives', 'partial'), { recursive: true, force: true });
  await rm(join(work, 'archives', 'lock'), { force: true });
}

function aptMissing(error: CommandFailed): ProvisioningError {
  return new ProvisioningError(
    'AptMissing',
    text('error.aptMissing', { reason: error.message }),
    text('error.aptMissing.remedy'),
    error,
  );
}

/** What of a dpkg status decides the closure: name, version and state of each package. */
export function installedVersions(dpkgStatus: string): string[] {
  return dpkgStatus
    .split('\n\n')
    .map((stanza) =>
      ['Package', 'Architecture', 'Version', 'Status']
        .map((field) => new RegExp(`^${field}: (.*)$`, 'm').exec(stanza)?.[1] ?? '')
        .join(' '),
    )
    .sort();
}

/** This computer's distribution, to know whether its apt can serve a machine. */
export async function hostDistribution(): Promise<{ id: string; codename: string }> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const field = (name: string): string => new RegExp(`^${name}="?([^"\n]*)"?$`, 'm').exec(release)?.[1] ?? '';
  return { id: field('ID'), codename: field('VERSION_CODENAME') };
}
