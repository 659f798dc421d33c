// The Debian packages of one system (release and architecture) with everything they need down to the C library, fetched by
// this computer's apt from that system's own archive, with signatures checked by apt against the archive's keyring. The
// machine itself decides later what of it it lacks, by the index written here.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { type Distro, packagesFor } from '../distro/distro.ts';
import { ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';
import { apt, type AptPlace } from './apt.ts';
import { downloadPackages, type PackageFolders, packageFolders, repackCached } from './debian-packages.ts';
import { runCommand } from './run-command.ts';

export interface TargetOptions {
  readonly cacheDir: string;
  /** Archive addresses by distribution, e.g. `ubuntu`; default: the archive of this computer's apt. */
  readonly mirrors?: Readonly<Record<string, string>>;
  /** Keyring files by distribution; default: the one in /usr/share/keyrings. */
  readonly keyrings?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly onOutput?: (text: string) => void;
}

/** The packages of a target and their index. */
export interface TargetPackages {
  /** A Debian package index whose Filename fields are `pool/<file>`. */
  readonly index: Buffer;
  readonly packages: readonly { readonly name: string; readonly version: string; readonly path: string }[];
}

/** Fetches, repacks and indexes what machines of `distro` and `arch` need, whatever their role. */
export async function fetchTarget(distro: Distro, arch: string, options: TargetOptions): Promise<TargetPackages> {
  const folders = packageFolders(options.cacheDir);
  const work = join(folders.root, 'targets', `${distro.codename}-${arch}`);
  await Promise.all([folders.originals, folders.repacked, work].map((folder) => mkdir(folder, { recursive: true })));
  const sourcesFile = join(work, 'sources.list');
  await writeFile(sourcesFile, await sourcesOf(distro, options));
  const statusFile = join(work, 'status');
  await writeFile(statusFile, ''); // nothing is installed, so nothing is left out
  const place: AptPlace = { work, statusFile, archives: join(work, 'archives'), sourcesFile };
  const aptOptions = { ...options, arch };
  await apt(['update'], place, aptOptions);
  const files = await downloadPackages(place, packagesFor(distro, 'both', true), folders.originals, aptOptions);
  const limit = pLimit(availableParallelism());
  const described = await Promise.all(files.map((file) => limit(() => describe(file, folders, options.signal))));
  return {
    index: Buffer.from(described.map((each) => each.stanza).join('\n')),
    packages: described.map(({ name, version, path }) => ({ name, version, path })),
  };
}

async function describe(
  file: string,
  folders: PackageFolders,
  signal?: AbortSignal,
): Promise<TargetPackages['packages'][number] & { readonly stanza: string }> {
  const path = join(folders.repacked, file);
  await repackCached(join(folders.originals, file), path, signal);
  const [control, content] = await Promise.all([runCommand('dpkg-deb', ['-f', path], { signal }), readFile(path)]);
  const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(control)?.[1] ?? '';
  const facts = {
    Filename: `pool/${file}`,
    Size: content.length,
    SHA256: createHash('sha256').update(content).digest('hex'),
  };
  const lines = Object.entries(facts).map(([name, value]) => `${name}: ${value}\n`);
  return {
    name: field('Package'),
    version: field('Version'),
    path,
    stanza: `${control.trimEnd()}\n${lines.join('')}`,
  };
}

/** One line per suite of the archive, each bound to the archive's keyring. */
async function sourcesOf(distro: Distro, options: TargetOptions): Promise<string> {
  const known = await archivesOfHost();
  const given = options.mirrors?.[distro.id];
  const keyring = options.keyrings?.[distro.id] ?? `/usr/share/keyrings/${distro.id}-archive-keyring.gpg`;
  const main = given ?? known.find((archive) => archive.isMainOf(distro.id))?.address;
  if (main === undefined || !existsSync(keyring)) {
    const values = { target: `${distro.id} ${distro.version}`, id: distro.id };
    throw new ProvisioningError(
      'MirrorUnknown',
      text('error.mirrorUnknown', values),
      text('error.mirrorUnknown.remedy', values),
    );
  }
  const components = distro.id === 'ubuntu' ? 'main universe' : 'main';
  const line = (address: string, suite: string): string =>
    `deb [signed-by=${keyring}] ${address} ${suite} ${components}\n`;
  const security = known.find((archive) => archive.isSecurityOf(distro.id))?.address;
  return [
    line(main, distro.codename),
    line(main, `${distro.codename}-updates`),
    ...(given === undefined && security !== undefined ? [line(security, `${distro.codename}-security`)] : []),
    ...(distro.id === 'ubuntu' ? [line(main, `${distro.codename}-security`)] : []),
  ].join('');
}

interface HostArchive {
  readonly address: string;
  isMainOf(id: string): boolean;
  isSecurityOf(id: string): boolean;
}

/** The archives that this computer's apt is set up for. */
async function archivesOfHost(): Promise<HostArchive[]> {
  const format = '$(REPO_URI)\t$(ORIGIN)\t$(LABEL)\t$(SUITE)';
  const output = await runCommand('apt-get', ['indextargets', '--format', format, 'Created-By: Packages']).catch(
    () => '',
  );
  return output.split('\n').flatMap((line) => {
    const [address = '', origin = '', label = ''] = line.split('\t');
    if (address === '') return [];
    return [
      {
        address,
        isMainOf: (id) => origin.toLowerCase() === id && label.toLowerCase() === id,
        isSecurityOf: (id) => origin.toLowerCase() === id && /security/i.test(label),
      },
    ];
  });
}
